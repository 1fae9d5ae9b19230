import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { RENEW } from '../lua/sweep.ts'
import type { HeldJob, HeldJobs } from './held-jobs.ts'
import { runScript } from './run-script.ts'

/** A lock is renewed this often within its time, so that at least 4/5 of it are left whenever the event loop blocks. */
const RENEWALS_PER_LOCK = 5

export interface LockKeeperOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly workerId: string
  readonly held: HeldJobs
  readonly lockMs: number
  readonly clock: Clock
  readonly onLost: (job: HeldJob) => void
}

/**
 * Keeps the locks of running jobs, and takes them again where an outage of Redis let them run out while nobody else took
 * the job. A lock that is lost for good aborts its job.
 */
export class LockKeeper {
  readonly #options: LockKeeperOptions
  #timer: Timer | undefined
  #renewing: Promise<void> | undefined

  constructor(options: LockKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#schedule()
    this.#options.redis.on('ready', this.#renewNow)
  }

  async stop(): Promise<void> {
    this.#timer?.clear()
    this.#timer = undefined
    this.#options.redis.off('ready', this.#renewNow)
    await this.#renewing
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(this.#options.lockMs / RENEWALS_PER_LOCK, () => {
      this.#schedule()
      this.#renewNow()
    })
  }

  readonly #renewNow = (): void => {
    this.#renewing ??= this.#renewAll().finally(() => {
      this.#renewing = undefined
    })
  }

  async #renewAll(): Promise<void> {
    const byQueue = groupByQueue(this.#options.held.all().filter((job) => job.phase !== 'lost'))
    for (const [queue, jobs] of byQueue) {
      // A renewal that fails because Redis is away is made up for when it is back.
      await this.#renew(queue, jobs).catch(() => {})
    }
  }

  async #renew(queue: string, jobs: readonly HeldJob[]): Promise<void> {
    const { redis, prefix, workerId, lockMs } = this.#options
    const names = layout(prefix)
    const pairs = jobs.flatMap((job) => [job.jobId, job.token])
    const lost = await runScript(redis, RENEW, names.meta(queue), [
      names.base(queue),
      workerId,
      lockMs,
      ...pairs,
    ])
    if (!Array.isArray(lost)) return
    for (const job of jobs) {
      if (job.phase !== 'running' || !lost.includes(job.token)) continue
      job.phase = 'lost'
      this.#options.onLost(job)
    }
  }
}

function groupByQueue(jobs: readonly HeldJob[]): Map<string, HeldJob[]> {
  const groups = new Map<string, HeldJob[]>()
  for (const job of jobs) groups.set(job.queue, [...(groups.get(job.queue) ?? []), job])
  return groups
}
