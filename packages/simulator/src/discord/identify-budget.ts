import type { Clock } from '../clock.ts'
import type { DiscordLimits } from '../limits.ts'
import type { DiscordBot } from './directory.ts'

/** `session_start_limit` as `GET /gateway/bot` shows it. */
export interface SessionStartLimit {
  readonly total: number
  readonly remaining: number
  readonly reset_after: number
  readonly max_concurrency: number
}

/** What an identify costs: nothing is wrong; it came too soon after another of its bucket; the day's budget is over. */
export type IdentifyVerdict = 'allowed' | 'too-soon' | 'exhausted'

interface Spent {
  startedMs: number
  count: number
  readonly lastMsByBucket: Map<number, number>
}

/**
 * How often each bot may identify: once per 5 s and bucket (`shard_id % max_concurrency`), and so many a day. One that
 * comes too soon is spent as well. Source: docs.discord.com, Gateway, Identifying and Sharding.
 */
export class IdentifyBudget {
  readonly #clock: Clock
  readonly #limits: DiscordLimits
  readonly #spent = new Map<DiscordBot, Spent>()

  constructor(clock: Clock, limits: DiscordLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  take(bot: DiscordBot, shardId: number): IdentifyVerdict {
    const spent = this.#of(bot)
    if (spent.count >= this.#limits.identifyBudget.count) return 'exhausted'
    spent.count += 1
    const now = this.#clock.monotonicMs()
    const bucket = shardId % this.#limits.maxConcurrency
    const lastMs = spent.lastMsByBucket.get(bucket) ?? Number.NEGATIVE_INFINITY
    if (now - lastMs < this.#limits.identifyEveryMs) return 'too-soon'
    spent.lastMsByBucket.set(bucket, now)
    return 'allowed'
  }

  show(bot: DiscordBot): SessionStartLimit {
    const { identifyBudget, maxConcurrency } = this.#limits
    const { startedMs, count } = this.#of(bot)
    return {
      total: identifyBudget.count,
      remaining: identifyBudget.count - count,
      reset_after: Math.ceil(startedMs + identifyBudget.perMs - this.#clock.monotonicMs()),
      max_concurrency: maxConcurrency,
    }
  }

  #of(bot: DiscordBot): Spent {
    const now = this.#clock.monotonicMs()
    const known = this.#spent.get(bot)
    if (known && now - known.startedMs < this.#limits.identifyBudget.perMs) return known
    const fresh = { startedMs: now, count: 0, lastMsByBucket: known?.lastMsByBucket ?? new Map() }
    this.#spent.set(bot, fresh)
    return fresh
  }
}
