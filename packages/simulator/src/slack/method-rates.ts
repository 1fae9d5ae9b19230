import type { Clock } from '../clock.ts'
import type { SlackLimits } from '../limits.ts'
import { type Rate, TokenBucket } from '../rates.ts'
import type { SlackBot } from './directory.ts'
import type { SlackArgs } from './method.ts'

/** How a method is limited, and what beside the bot it is counted by. */
interface MethodRate {
  readonly rate: Rate | 'off'
  readonly burst: number
  readonly per?: 'channel'
}

/** Slack limits each method on its own, per bot; posting per channel. */
export class MethodRates {
  readonly #clock: Clock
  readonly #rates: ReadonlyMap<string, MethodRate>
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(clock: Clock, limits: SlackLimits) {
    this.#clock = clock
    const history = { rate: limits.history, burst: limits.history === 'off' ? 1 : limits.history.count }
    this.#rates = new Map<string, MethodRate>([
      ['apps.connections.open', { rate: limits.connectionsOpen, burst: limits.connectionsOpen.burst }],
      ['rtm.connect', { rate: limits.rtmConnect, burst: limits.rtmConnect.burst }],
      ['rtm.start', { rate: limits.rtmConnect, burst: limits.rtmConnect.burst }],
      ['chat.postMessage', { rate: limits.postPerChannel, burst: 1, per: 'channel' }],
      ['conversations.history', history],
      ['conversations.replies', history],
      [
        'users.conversations',
        { rate: limits.listing, burst: limits.listing === 'off' ? 1 : limits.listing.count },
      ],
    ])
  }

  /** Counts the call and answers 0, or answers in how many milliseconds it may come again. */
  take(method: string, bot: SlackBot, args: SlackArgs): number {
    const limit = this.#rates.get(method)
    if (!limit || limit.rate === 'off') return 0
    const key = `${method} ${bot.userId} ${limit.per === 'channel' ? (args.text('channel') ?? '') : ''}`
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#clock, limit.rate, limit.burst)
    this.#buckets.set(key, bucket)
    return bucket.take()
  }
}
