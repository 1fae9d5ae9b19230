import { DelayedError, type Job } from 'bullmq'
import { Entrance, Gate } from '../gate.ts'
import type { PastSeen } from '../past-seen.ts'
import type { Outcome, SourceOptions, SourceProblem, TakenJob } from '../ports.ts'
import type { HeldJobs } from './held-jobs.ts'
import type { Beginning, JobScripts, LanedJob } from './job-scripts.ts'
import { laneOf, subjectOf, takenJob } from './taken-job.ts'

/** From this many deaths on, a job runs with no other beside it; its next finished step clears it of them. */
const ALONE_FROM_DEATHS = 2

/** From this many on it runs alone whatever steps it finishes, and is given up when its worker dies once more. */
const LAST_FROM_DEATHS = 20

export interface JobLifeOptions {
  readonly scripts: JobScripts
  readonly held: HeldJobs
  readonly run: SourceOptions['run']
  /** How many dead letters a queue keeps. */
  readonly keepFailed: number
  /** Shared by what runs in one process. Default: its own. */
  readonly gate?: Gate
  readonly onProblem: (code: SourceProblem['code'], message: string, jobId?: string) => void
}

/**
 * A job in this worker's hands: begin → its turn at the gate → run → outcome. Every move is one of our scripts, so that
 * the end of a job, its record and the wake-up of its lane are one step.
 */
export class JobLife {
  readonly #options: JobLifeOptions
  readonly #gate: Entrance
  #pausing = false

  constructor(options: JobLifeOptions) {
    this.#options = options
    this.#gate = new Entrance(options.gate ?? new Gate())
  }

  /** No handler starts any more: what is taken from now on, or waits for its turn, is given back. */
  pause(): void {
    this.#pausing = true
    this.#gate.close()
  }

  /** Gives back a job that is in nobody's hands, although Redis says that it is in these. */
  giveBack(queue: string, jobId: string, token: string): Promise<boolean> {
    const { scripts, held } = this.#options
    const job: LanedJob = { queue, jobId, token, lane: '', phase: 'beginning', abort: () => {} }
    return held.hadLately(job) ? scripts.giveBackAsRun(job) : scripts.giveBack(job)
  }

  /**
   * BullMQ's view of a job: whatever became of it, it has been moved by the time we return. Also where Redis would not
   * have it moved: then it stays ours until its lock runs out, for BullMQ would bury it.
   */
  async process(queue: string, job: Job, token: string): Promise<never> {
    const abort = new AbortController()
    const held: LanedJob = {
      queue,
      jobId: job.id ?? '',
      token,
      lane: laneOf(job),
      type: job.name,
      subject: subjectOf(job),
      phase: 'beginning',
      abort: (reason) => abort.abort(reason),
    }
    this.#options.held.add(held)
    try {
      await this.#live(held, job, abort.signal)
    } catch (error) {
      this.#tellRefused(held, error)
    } finally {
      this.#options.held.remove(held)
    }
    throw new DelayedError()
  }

  async #live(held: LanedJob, job: Job, signal: AbortSignal): Promise<void> {
    const { scripts } = this.#options
    if (this.#pausing) return void (await scripts.giveBack(held))
    const beginning = await scripts.begin(held)
    if (beginning.kind !== 'run') return
    held.phase = 'running'
    const turn = turnOf(beginning)
    const alone = turn !== 'running'
    const waits = !this.#gate.isOpen(alone)
    // Who waits runs nothing: should the worker die meanwhile, it was another job.
    if (waits && !(await scripts.mark(held, 'idle'))) return
    const leave = await this.#gate.enter(alone)
    if (leave === 'closed') return void (await scripts.giveBack(held))
    const pastSeen: PastSeen = new Map()
    const taken = takenJob(held, job, signal, beginning, scripts, pastSeen)
    try {
      await this.#takeTurn(held, taken, waits || alone ? turn : undefined, pastSeen)
    } finally {
      leave()
    }
  }

  /** The lock may have been lost while the job waited for its turn. `turn`: what Redis has to know of how it runs. */
  async #takeTurn(held: LanedJob, job: TakenJob, turn: Turn | undefined, pastSeen: PastSeen): Promise<void> {
    if (held.phase === 'lost') return
    if (turn && !(await this.#options.scripts.mark(held, turn))) return
    const outcome = await this.#runHandler(job)
    if (held.phase === 'running') held.phase = 'ending'
    await this.#settle(held, outcome, pastSeen)
  }

  async #runHandler(job: TakenJob): Promise<Outcome> {
    try {
      return await this.#options.run(job)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.onProblem(
        'run-rejected',
        `A job ended with an error that nobody handled: ${reason}`,
        job.id,
      )
      const stack = error instanceof Error ? error.stack : undefined
      return { kind: 'dead', reason, ...(stack === undefined ? {} : { stack }) }
    }
  }

  /** Here responsibility for the event ends, or passes back to the queue. */
  async #settle(job: LanedJob, outcome: Outcome, pastSeen: PastSeen): Promise<void> {
    if (await this.#move(job, outcome, pastSeen)) return
    this.#options.onProblem(
      'report-refused',
      `The job was ${outcome.kind} here, but its lock is another's by now.`,
      job.jobId,
    )
  }

  /** One clause per outcome. */
  #move(job: LanedJob, outcome: Outcome, pastSeen: PastSeen): Promise<boolean> {
    const { scripts, keepFailed } = this.#options
    switch (outcome.kind) {
      case 'completed':
        return scripts.complete(job)
      case 'retry':
        return scripts.retry(job, outcome.delayMs, outcome.uncounted)
      case 'dead':
        return scripts.bury(job, outcome.reason, outcome.stack, keepFailed)
      case 'returned':
        return scripts.giveBack(job)
      case 'passed':
        return scripts.pass(job, outcome.delayMs)
      case 'suspended':
        return scripts.suspend(
          job,
          outcome.wakeAt,
          outcome.waits.map((wait) => ({ ...wait, pastSeen: pastSeen.get(wait.key) ?? 0 })),
        )
      case 'given':
        return Promise.resolve(true)
      default:
        return outcome satisfies never
    }
  }

  #tellRefused(job: LanedJob, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#options.onProblem(
      'report-refused',
      `Redis refused what became of the job (${why}): it runs again after the lock time.`,
      job.jobId,
    )
  }
}

/** How a job runs, by what its workers have come to. */
type Turn = 'running' | 'alone' | 'last'

function turnOf({ deathCount, deathCountInAll }: Extract<Beginning, { kind: 'run' }>): Turn {
  if (deathCountInAll >= LAST_FROM_DEATHS) return 'last'
  return deathCount >= ALONE_FROM_DEATHS ? 'alone' : 'running'
}
