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

/** The jobs in this worker's hands, by the token of their lock. */
export class HeldJobs {
  readonly #jobs = new Map<string, HeldJob>()
  #whenIdle: (() => void)[] = []

  add(job: HeldJob): void {
    this.#jobs.set(job.token, job)
  }

  remove(job: HeldJob): void {
    if (this.#jobs.get(job.token) === job) this.#jobs.delete(job.token)
    if (this.#jobs.size > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  has(token: string): boolean {
    return this.#jobs.has(token)
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
}
