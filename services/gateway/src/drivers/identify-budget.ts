import type { Clock } from '@holdfast/runtime'
import type { DriverLog } from '../ports.ts'
import type { SessionStartLimit } from './discord-api.ts'
import { callWithin } from './rest-call.ts'

/** Whom the budget is asked of, and who is told when it is spent. */
export interface IdentifyBudgetOptions {
  readonly clock: Clock
  readonly log: DriverLog
  /** What Discord says of the budget now; nothing where it does not answer. */
  readonly readLimit: (signal: AbortSignal) => Promise<SessionStartLimit | undefined>
}

/** What a bot that is not large has a day, until Discord says what this one has. */
const PLAIN_TOTAL = 1_000
/** This share of the day's identifies is left for people who must restart something. */
const RESERVE_SHARE = 0.02
const LIMIT_TIMEOUT_MS = 10_000

/**
 * How many identifies a bot has left, as Discord says, less those granted since it said so. Discord is asked again after
 * `freshMs`. Source: docs.discord.com/developers/events/gateway#session-start-limit-object
 */
export class IdentifyBudget {
  readonly #options: IdentifyBudgetOptions
  readonly #freshMs: number
  #limit: SessionStartLimit | undefined
  #readMs = Number.NEGATIVE_INFINITY
  #grantedCount = 0
  #maxConcurrency = 1
  #total = PLAIN_TOTAL
  #spentWhy: string | undefined

  constructor(options: IdentifyBudgetOptions, freshMs: number) {
    this.#options = options
    this.#freshMs = freshMs
  }

  /** The last that Discord named. */
  get maxConcurrency(): number {
    return this.#maxConcurrency
  }

  /** How many identifies a day has, less the reserve, by the last that Discord said. */
  get dayCount(): number {
    return this.#total - reserveOf(this.#total)
  }

  /** One sentence while nothing may be spent. */
  get spentWhy(): string | undefined {
    return this.#spentWhy
  }

  /** How long until one may be spent; 0: now. Without an answer the spacing alone protects the budget. */
  async waitMs(signal: AbortSignal): Promise<number> {
    const { clock, log } = this.#options
    if (clock.monotonicMs() - this.#readMs >= this.#freshMs) await this.#read(signal)
    const limit = this.#limit
    const remaining = (limit?.remaining ?? 0) - this.#grantedCount
    if (!limit || remaining > reserveOf(limit.total)) {
      this.#spentWhy = undefined
      return 0
    }
    const why = `${remaining} of ${limit.total} identifies are left: waiting until Discord gives new ones`
    if (this.#spentWhy === undefined)
      log.error({ resetAfterMs: limit.resetAfterMs }, `the budget of identifies is spent: ${why}`)
    this.#spentWhy = why
    return this.#readMs + limit.resetAfterMs + this.#freshMs - clock.monotonicMs()
  }

  /** One was granted. */
  spend(): void {
    this.#grantedCount += 1
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { clock, readLimit } = this.#options
    this.#limit = await callWithin(clock, LIMIT_TIMEOUT_MS, signal, readLimit)
    // Nobody waits for the answer any more: the next who does asks anew.
    this.#readMs = signal.aborted ? Number.NEGATIVE_INFINITY : clock.monotonicMs()
    this.#grantedCount = 0
    this.#maxConcurrency = this.#limit?.maxConcurrency ?? this.#maxConcurrency
    this.#total = this.#limit?.total ?? this.#total
  }
}

function reserveOf(total: number): number {
  return Math.floor(total * RESERVE_SHARE)
}
