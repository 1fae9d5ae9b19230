import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { RUNNABLE } from '../lua/runnable.ts'
import { runScript } from './run-script.ts'

/** What takes jobs of a queue. */
export interface Watched {
  readonly queue: string
  /** How many it ever took. */
  readonly takenCount: number
  readonly hasFreeSlot: boolean
}

export interface WatchdogOptions<Taker extends Watched> {
  readonly redis: Redis
  readonly prefix: string
  readonly takers: readonly Taker[]
  readonly clock: Clock
  /** Between two looks. Default 5 s. */
  readonly lookMs?: number
  /** It takes nothing although it could: it is to be replaced. Asked again where that did not help. */
  readonly onIdle: (taker: Taker) => Promise<void>
  /** Replacing it did not help; told once, and nothing more is done about it. */
  readonly onHopeless: (taker: Taker) => void
}

const LOOK_MS = 5_000
/**
 * This many looks in a row must find the same. With the time between them it is longer than a healthy worker may lie idle: one
 * that waits for news asks of itself at least every 10 s.
 */
const LOOKS = 6
/** A look that comes after more than this many times the usual distance is late. */
const LATE = 1.5

/** So often it is replaced. */
const REPLACEMENTS = 3

interface Sight {
  takenCount: number
  idleCount: number
  replacedCount: number
}

/**
 * Notices that nothing is taken although Redis answers, work waits and a slot is free: after a fail-over a worker of BullMQ may
 * look as if it ran and take nothing for ever. Each look decides on what it sees itself, so an outage of Redis does not count, and
 * neither do parked jobs, a paused queue, or slots that are all in use. Looks that come late, or wait long for Redis, begin anew: a
 * machine that has no time for this process has none for its work either.
 */
export class Watchdog<Taker extends Watched> {
  readonly #options: WatchdogOptions<Taker>
  readonly #sights: readonly (readonly [Taker, Sight])[]
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false
  #lookedAtMs: number | undefined

  constructor(options: WatchdogOptions<Taker>) {
    this.#options = options
    this.#sights = options.takers.map((taker) => [
      taker,
      { takenCount: taker.takenCount, idleCount: 0, replacedCount: 0 },
    ])
  }

  start(): void {
    if (this.#stopped) return
    const { clock, lookMs = LOOK_MS } = this.#options
    this.#timer = clock.setTimer(lookMs, () => {
      this.start()
      this.#looking ??= this.look()
        .catch(() => {})
        .finally(() => {
          this.#looking = undefined
        })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.clear()
    await this.#looking
  }

  /** One look at each; what follows from it is done when it resolves. */
  async look(): Promise<void> {
    const { clock, lookMs = LOOK_MS } = this.#options
    const isLate = clock.monotonicMs() - (this.#lookedAtMs ?? clock.monotonicMs()) > LATE * lookMs
    this.#lookedAtMs = clock.monotonicMs()
    for (const [taker, sight] of this.#sights) await this.#lookAt(taker, sight, isLate)
  }

  async #lookAt(taker: Taker, sight: Sight, isLate: boolean): Promise<void> {
    if (sight.replacedCount > REPLACEMENTS) return
    // While Redis is away nothing can be taken; after it everybody begins anew.
    const runnable = await this.#isRunnable(taker.queue).catch(() => false)
    if (taker.takenCount !== sight.takenCount) sight.replacedCount = 0
    const idle = runnable && !isLate && taker.hasFreeSlot && taker.takenCount === sight.takenCount
    sight.idleCount = idle ? sight.idleCount + 1 : 0
    sight.takenCount = taker.takenCount
    if (sight.idleCount >= LOOKS && !this.#stopped) await this.#act(taker, sight)
  }

  async #act(taker: Taker, sight: Sight): Promise<void> {
    sight.idleCount = 0
    sight.replacedCount += 1
    if (sight.replacedCount > REPLACEMENTS) this.#options.onHopeless(taker)
    else await this.#options.onIdle(taker)
  }

  async #isRunnable(queue: string): Promise<boolean> {
    const { redis, prefix, clock, lookMs = LOOK_MS } = this.#options
    if (redis.status !== 'ready') return false
    const names = layout(prefix)
    const args = [names.base(queue), clock.wallAt(), LOOKS * lookMs]
    return (await runScript(redis, RUNNABLE, names.meta(queue), args)) === 1
  }
}
