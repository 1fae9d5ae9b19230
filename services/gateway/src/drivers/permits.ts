import { type Clock, sleep } from '@holdfast/runtime'
import type { DriverLog } from '../ports.ts'
import type { SessionStartLimit } from './discord-api.ts'
import { callWithin } from './rest-call.ts'

/** A shard that waits for its permit. */
export interface PermitWish {
  /** Withdraws the wish. */
  readonly signal: AbortSignal
  /** One sentence, when it will take longer than the usual spacing. */
  readonly onWait: (why: string) => void
}

/** The right to identify. Discord counts identifies per bot and resets the token of one that exceeds its budget. */
export interface IdentifyPermits {
  /** Resolves `granted` when the shard may identify, at once and once; `withdrawn` when the signal aborts first. Never rejects. */
  acquire(wish: PermitWish): Promise<'granted' | 'withdrawn'>
}

/** What permits are granted by. */
export interface LocalPermitsOptions {
  readonly clock: Clock
  readonly log: DriverLog
  /** What Discord says of the budget now; nothing where it does not answer. */
  readonly readLimit: (signal: AbortSignal) => Promise<SessionStartLimit | undefined>
}

/** One identify per 5 s, and a quarter second for the network not to bring two closer together. */
const SPACING_MS = 5_250
/** This share of the day's identifies is left for people who must restart something. */
const RESERVE_SHARE = 0.02
const LIMIT_TIMEOUT_MS = 10_000

/**
 * Permits for the shards of one bot in one process: in the order of the wishes, spaced, and none once the budget is down
 * to its reserve. Source: docs.discord.com/developers/events/gateway#rate-limiting
 */
export class LocalPermits implements IdentifyPermits {
  readonly #options: LocalPermitsOptions
  #turn: Promise<unknown> = Promise.resolve()
  #lastGrantMs = Number.NEGATIVE_INFINITY

  constructor(options: LocalPermitsOptions) {
    this.#options = options
  }

  acquire(wish: PermitWish): Promise<'granted' | 'withdrawn'> {
    const turn = this.#turn.then(() => this.#grant(wish))
    this.#turn = turn
    return turn
  }

  async #grant(wish: PermitWish): Promise<'granted' | 'withdrawn'> {
    const { clock } = this.#options
    const spacingMs = this.#lastGrantMs + SPACING_MS - clock.monotonicMs()
    if (spacingMs > 0) await sleep(clock, spacingMs, wish.signal)
    await this.#waitForBudget(wish)
    if (wish.signal.aborted) return 'withdrawn'
    this.#lastGrantMs = clock.monotonicMs()
    return 'granted'
  }

  async #waitForBudget({ signal, onWait }: PermitWish): Promise<void> {
    while (!signal.aborted) {
      const limit = await this.#readLimit(signal)
      // Without an answer the spacing alone protects the budget; the backoff of the shards keeps it slow.
      if (!limit || limit.remaining > Math.floor(limit.total * RESERVE_SHARE)) return
      const why = `${limit.remaining} of ${limit.total} identifies are left: waiting until Discord gives new ones`
      onWait(why)
      this.#options.log.error(
        { resetAfterMs: limit.resetAfterMs },
        `the budget of identifies is spent: ${why}`,
      )
      await sleep(this.#options.clock, limit.resetAfterMs + SPACING_MS, signal)
    }
  }

  #readLimit(signal: AbortSignal): Promise<SessionStartLimit | undefined> {
    const { clock, readLimit } = this.#options
    return callWithin(clock, LIMIT_TIMEOUT_MS, signal, readLimit)
  }
}
