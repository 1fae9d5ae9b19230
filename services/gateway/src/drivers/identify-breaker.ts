import type { CallBudget, CallRate } from '@holdfast/ownership'
import type { Clock } from '@holdfast/runtime'
import type { DriverLog } from '../ports.ts'

/** What a breaker counts with, and whom it tells. */
export interface IdentifyBreakerOptions {
  readonly clock: Clock
  readonly log: DriverLog
  /** Counts over all gateways and restarts. */
  readonly calls: Pick<CallBudget, 'take'>
  /** Names the bot in `calls`. */
  readonly key: string
  /** It holds back identifies from now on, or does not any more. Called on each change. */
  readonly onHold?: (holds: boolean) => void
}

const DAY_MS = 86_400_000
const LEAST_BURST = 20
/** How often each shard may identify before that is a storm: once to start, and twice more for whatever else goes wrong. */
const BURST_PER_SHARD = 3
/** What a burst leaves of the day's identifies, so that the rest of the day is not without any. */
const BURST_SHARE = 0.75
/** A storm that goes on is told of again after this. */
const TOLD_EVERY_MS = 3_600_000

/**
 * How many identifies are no storm yet: a burst, and what comes back of it, which together stay below `dayCount` in 24 h. All
 * shards may always start at once, for there a day's limit is the concern of Discord's own count.
 */
export function stormRate(dayCount: number, shardCount: number): CallRate {
  const wanted = Math.max(LEAST_BURST, BURST_PER_SHARD * shardCount)
  const burst = Math.min(wanted, Math.max(shardCount, Math.floor(dayCount * BURST_SHARE), 1))
  return { burst, everyMs: Math.ceil(DAY_MS / Math.max(1, dayCount - burst - 1)) }
}

/**
 * Stops a storm of identifies (sessions that are lost again and again, a process that crashes after each start) long before
 * Discord does, by resetting the bot's token. Counted for the bot as a whole, over all gateways and restarts.
 */
export class IdentifyBreaker {
  readonly #options: IdentifyBreakerOptions
  #holds = false
  #why: string | undefined
  #untilMs = 0
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: IdentifyBreakerOptions) {
    this.#options = options
  }

  /** One sentence while it holds back. */
  get why(): string | undefined {
    return this.restMs > 0 ? this.#why : undefined
  }

  /** How long until it is worth asking again; 0: now. */
  get restMs(): number {
    return Math.max(0, this.#untilMs - this.#options.clock.monotonicMs())
  }

  /** Counts one identify; or how long until there may be one. */
  async take(rate: CallRate): Promise<number> {
    const { clock, calls, key } = this.#options
    const grant = await calls.take(`${key}:storm`, rate).catch(() => undefined)
    // Where nobody can count for all of them, the distance between two of them must do.
    const waitMs = grant?.kind === 'spent' ? grant.waitMs : 0
    this.#untilMs = clock.monotonicMs() + waitMs
    this.#show(waitMs > 0)
    if (waitMs > 0) this.#tell(rate, waitMs)
    return waitMs
  }

  #show(holds: boolean): void {
    if (holds === this.#holds) return
    this.#holds = holds
    this.#options.onHold?.(holds)
  }

  #tell({ burst, everyMs }: CallRate, waitMs: number): void {
    const { clock, log } = this.#options
    const withinMs = burst * everyMs
    // An empty bucket says that, and no more: so many at least since it would have been full.
    this.#why = `identify storm: ${burst} identifies or more in ${spanOf(withinMs)}; sessions are being lost again and again: find out why, before Discord resets the token; next one in ${spanOf(waitMs)}`
    if (clock.monotonicMs() - this.#toldMs < TOLD_EVERY_MS) return
    this.#toldMs = clock.monotonicMs()
    log.error({ identifyCount: burst, withinMs, nextInMs: waitMs }, this.#why)
  }
}

function spanOf(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}
