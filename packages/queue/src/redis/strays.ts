import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { HELD_BY } from '../lua/sweep.ts'
import type { HeldJobs } from './held-jobs.ts'
import { runScript } from './run-script.ts'

export interface StraysOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly queues: readonly string[]
  readonly held: HeldJobs
  readonly sweepMs: number
  readonly clock: Clock
  /** What the locks of this worker begin with. */
  readonly owners: () => readonly string[]
  /** Gives a job back, if the lock is still this one. */
  readonly giveBack: (queue: string, jobId: string, token: string) => Promise<unknown>
}

/** How often is looked after a reconnection. */
const LOOKS = 3

/**
 * Gives back jobs that are this worker's by Redis' books and not in its hands: they would wait for their locks to run out. Either
 * they never came here, since a connection went with the answer; or another Redis answers that does not know yet that they
 * have ended. One that two looks have found in nobody's hands is such a job; should its answer come after all, the job begins
 * by asking for its lock, and is left alone.
 */
export class Strays {
  readonly #options: StraysOptions
  #seen = new Set<string>()
  #left = 0
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(options: StraysOptions) {
    this.#options = options
  }

  /** To be told of every reconnection over which jobs are taken. */
  reconnected(): void {
    if (this.#stopped) return
    this.#timer?.clear()
    this.#seen.clear()
    this.#left = LOOKS
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#left = 0
    this.#timer?.clear()
    await this.#looking
  }

  #schedule(): void {
    if (this.#left === 0) return
    this.#left -= 1
    this.#timer = this.#options.clock.setTimer(this.#options.sweepMs, () => {
      this.#schedule()
      this.#looking ??= this.#look()
        // Redis is away again: there will be another reconnection.
        .catch(() => {})
        .finally(() => {
          this.#looking = undefined
        })
    })
  }

  async #look(): Promise<void> {
    const { queues, held, giveBack } = this.#options
    const seen = new Set<string>()
    for (const queue of queues) {
      for (const [jobId, token] of await this.#heldByUs(queue)) {
        const name = `${queue} ${jobId} ${token}`
        if (held.has({ queue, jobId, token })) continue
        if (this.#seen.has(name)) await giveBack(queue, jobId, token)
        else seen.add(name)
      }
    }
    this.#seen = seen
  }

  async #heldByUs(queue: string): Promise<readonly (readonly [jobId: string, token: string])[]> {
    const { redis, prefix, owners } = this.#options
    const names = layout(prefix)
    const reply = await runScript(redis, HELD_BY, names.meta(queue), [names.base(queue), ...owners()])
    const flat = Array.isArray(reply) ? reply.map(String) : []
    return flat.flatMap((jobId, at) => (at % 2 === 0 ? [[jobId, flat[at + 1] ?? ''] as const] : []))
  }
}
