import { inConfiguration } from '@holdfast/protocol'
import type { Clock } from '@holdfast/runtime'
import {
  type DiscordApi,
  type GatewayBot,
  getGatewayBot,
  type SessionStartLimit,
} from './drivers/discord-api.ts'
import { callWithin } from './drivers/rest-call.ts'

/** What Discord answered when asked how many shards the bot should have. */
export type ShardCount =
  | {
      readonly kind: 'count'
      readonly count: number
      /** A large bot: Discord takes no other number than a multiple of `count`. */
      readonly large: boolean
    }
  /** Asking again can't help until a person acts. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Try again, not before `afterMs`. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly afterMs: number }

/** A bot that is not large has no more than this many identifies a day, and one at a time. */
const PLAIN_TOTAL = 1_000

/** Asks `GET /gateway/bot` once. Never throws. https://docs.discord.com/developers/events/gateway#get-gateway-bot */
export async function askShardCount(
  api: DiscordApi,
  clock: Clock,
  signal: AbortSignal,
  answerWithinMs = 10_000,
): Promise<ShardCount> {
  return judge(await callWithin(clock, answerWithinMs, signal, (within) => getGatewayBot(api, within)))
}

/**
 * Why Discord would not take this number of shards (with close 4010, after an identify each), and which it would. Source:
 * docs.discord.com/developers/events/gateway#sharding-for-large-bots
 */
export function refuseShardCount(
  configured: number,
  { count, large }: ShardCount & { kind: 'count' },
): string | undefined {
  if (!large || configured % count === 0) return undefined
  const next = Math.ceil(configured / count) * count
  return inConfiguration(
    `\`shards: ${configured}\` is no multiple of ${count}, as Discord demands of a bot this large: set it to ${next} or ${next + count}, or to \`auto\``,
  )
}

function judge(answer: GatewayBot): ShardCount {
  if (answer.kind === 'answer' && Number.isInteger(answer.shardCount) && answer.shardCount > 0)
    return { kind: 'count', count: answer.shardCount, large: isLarge(answer.limit) }
  if (answer.kind === 'answer')
    return unavailable(`Discord asks for ${answer.shardCount} shards, which is no number of shards`)
  if (answer.status === 401)
    return {
      kind: 'refused',
      why: inConfiguration(
        'Discord refuses the token (401): put the bot token shown under Bot in the developer portal in the connection’s `token`',
      ),
    }
  return unavailable(`Discord does not tell how many shards it wants (${answer.reason})`, answer.retryAfterMs)
}

function isLarge({ maxConcurrency, total }: SessionStartLimit): boolean {
  return maxConcurrency > 1 || total > PLAIN_TOTAL
}

function unavailable(why: string, afterMs = 0): ShardCount {
  return { kind: 'unavailable', why, afterMs }
}
