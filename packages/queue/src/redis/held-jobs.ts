import type { AbortReason } from '../ports.ts'

/** A job whose lock this process holds, or believes to hold. */
export interface HeldJob {
  readonly queue: string
  readonly jobId: string
  readonly token: string
  /**
   * Only the lock of a running job can be lost. Before, it is not certain yet that the job may run; at the end, the lock
   * goes with the job, and the ending itself tells whether it was still ours. Once lost it is not asked for again: the
   * job may be in another slot of this very worker by then.
   */
  phase: 'beginning' | 'running' | 'ending' | 'lost'
  readonly abort: (reason: AbortReason) => void
}

/** So many jobs that left its hands are remembered: those of the last minute, and more, of a worker that is busy. */
const LEFT_COUNT = 10_000

/** The jobs in this worker's hands, by the token of their lock, and which were in them lately. */
export class HeldJobs {
  readonly #jobs = new Map<string, HeldJob>()
  readonly #left = new Set<string>()
  #whenIdle: (() => void)[] = []

  add(job: HeldJob): void {
    this.#jobs.set(job.token, job)
  }

  remove(job: HeldJob): void {
    if (this.#jobs.get(job.token) === job) this.#jobs.delete(job.token)
    this.#remember(job)
    if (this.#jobs.size > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** A slot takes job after job under one token, so the token alone does not tell. */
  has({ queue, jobId, token }: Pick<HeldJob, 'queue' | 'jobId' | 'token'>): boolean {
    const job = this.#jobs.get(token)
    return job?.jobId === jobId && job.queue === queue
  }

  /** Whether it was here, and left: it may have been handled. */
  hadLately(job: Pick<HeldJob, 'queue' | 'jobId'>): boolean {
    return this.#left.has(nameOf(job))
  }

  get count(): number {
    return this.#jobs.size
  }

  all(): readonly HeldJob[] {
    return [...this.#jobs.values()]
  }

  idle(): Promise<void> {
    if (this.#jobs.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  #remember(job: HeldJob): void {
    this.#left.add(nameOf(job))
    if (this.#left.size <= LEFT_COUNT) return
    for (const oldest of this.#left) {
      this.#left.delete(oldest)
      return
    }
  }
}

const nameOf = ({ queue, jobId }: Pick<HeldJob, 'queue' | 'jobId'>): string => `${queue} ${jobId}`
