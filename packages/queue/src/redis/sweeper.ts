import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { SWEEP } from '../lua/sweep.ts'
import type { ReturnedCount } from './death-notice.ts'
import { readReturned } from './judge.ts'
import { runScript } from './run-script.ts'

export interface SweeperOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly queues: readonly string[]
  /** A job seen without lock for this long is returned; also the time between sweeps. */
  readonly sweepMs: number
  readonly keepFailed: number
  readonly clock: Clock
  readonly onReturned?: (queue: string, held: ReturnedCount) => void
}

/** After a reconnection of its own a sweeper lets so many of its turns pass. */
const TURNS_HELD_BACK = 3

/**
 * The backstop for deaths that nobody saw: jobs whose lock ran out go back within lock time + 2 × sweep. One worker at a
 * time sweeps a queue. Replaces BullMQ's stall check, which counts stalls for ever and leaves a worker that was cut off
 * no time to take its locks again.
 *
 * Who has just come back itself holds back: others may find their way a little later, and what was seen without a lock before
 * or during the outage is theirs all the same.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  #timer: Timer | undefined
  #sweeping: Promise<void> | undefined
  #holdBackUntilMs = 0

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#options.redis.on('ready', this.#holdBack)
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#timer?.clear()
    this.#options.redis.off('ready', this.#holdBack)
    await this.#sweeping
  }

  readonly #holdBack = (): void => {
    const { clock, sweepMs } = this.#options
    this.#holdBackUntilMs = clock.monotonicMs() + TURNS_HELD_BACK * sweepMs
  }

  #schedule(): void {
    const { clock, sweepMs, redis } = this.#options
    this.#timer = clock.setTimer(sweepMs, () => {
      this.#schedule()
      if (redis.status !== 'ready' || clock.monotonicMs() < this.#holdBackUntilMs) return
      this.#sweeping ??= this.#sweepAll()
        .catch(() => {})
        .finally(() => {
          this.#sweeping = undefined
        })
    })
  }

  async #sweepAll(): Promise<void> {
    for (const queue of this.#options.queues) await this.#sweep(queue)
  }

  async #sweep(queue: string): Promise<void> {
    const { redis, prefix, sweepMs, keepFailed, clock, onReturned } = this.#options
    const names = layout(prefix)
    const args = [
      names.base(queue),
      clock.wallAt(),
      keepFailed,
      Math.floor(sweepMs * 0.9),
      Math.ceil(sweepMs * 0.9),
    ]
    const held = readReturned(await runScript(redis, SWEEP, names.meta(queue), args))
    if (held.returned + held.dead > 0) onReturned?.(queue, held)
  }
}
