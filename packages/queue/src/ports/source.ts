import type { Outcome, TakenJob } from './taken-job.ts'

/**
 * The way out of the queue. Runs jobs with bounded concurrency: a job only when it is the head of its lane; interactive
 * jobs in slots of their own. `run` must never reject; a rejection is reported and counts as `dead`.
 */
export interface Source {
  /** Resolves once the connections stand and jobs are being taken. */
  start(): Promise<void>
  /** Takes no more jobs. Running ones go on. Idempotent. */
  pause(): Promise<void>
  /** Aborts the signals of all running jobs with `drain`. */
  abort(): void
  /** How many jobs run now. */
  readonly activeCount: number
  /** Resolves when none runs. */
  idle(): Promise<void>
  /**
   * Pauses, waits for running jobs, closes the connections. While Redis is away it waits 5 s for its return; what still
   * runs or waits to be reported then runs again after the lock time. Idempotent.
   */
  stop(): Promise<void>
}

export interface SourceOptions {
  readonly subscription: string
  readonly concurrency: number
  readonly run: (job: TakenJob) => Promise<Outcome>
  /** Faults worth a person's eye, with what happens next; never payloads. */
  readonly onProblem?: (problem: SourceProblem) => void
}

export interface SourceProblem {
  /**
   * `worker-died`: of another worker, whose jobs were returned here; the others concern this one. `redis-away` and `redis-back`
   * stand around an outage, once each. `takes-nothing`: work waits and none was taken; what takes it is replaced. `stuck`: that
   * did not help, and only another process can: whoever runs this source should end it.
   */
  readonly code:
    | 'run-rejected'
    | 'connection'
    | 'redis-away'
    | 'redis-back'
    | 'lost-lock'
    | 'report-refused'
    | 'worker-died'
    | 'takes-nothing'
    | 'stuck'
  readonly message: string
  readonly jobId?: string
}
