import type { Clock } from '@holdfast/runtime'
import { type DiscordApi, type GatewayBot, getGatewayBot } from './drivers/discord-api.ts'
import { callWithin } from './drivers/rest-call.ts'

/** What Discord answered when asked how many shards the bot should have. */
export type ShardCount =
  | { readonly kind: 'count'; readonly count: number }
  /** Asking again can't help until a person acts. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Try again, not before `afterMs`. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly afterMs: number }

const ANSWER_WITHIN_MS = 10_000

/** Asks `GET /gateway/bot` once. Never throws. https://docs.discord.com/developers/events/gateway#get-gateway-bot */
export async function askShardCount(api: DiscordApi, clock: Clock, signal: AbortSignal): Promise<ShardCount> {
  return judge(await callWithin(clock, ANSWER_WITHIN_MS, signal, (within) => getGatewayBot(api, within)))
}

function judge(answer: GatewayBot): ShardCount {
  if (answer.kind === 'answer' && Number.isInteger(answer.shardCount) && answer.shardCount > 0)
    return { kind: 'count', count: answer.shardCount }
  if (answer.kind === 'answer')
    return unavailable(`Discord asks for ${answer.shardCount} shards, which is no number of shards`)
  if (answer.status === 401)
    return {
      kind: 'refused',
      why: 'Discord refuses the token (401): set the bot token shown under Bot in the developer portal',
    }
  return unavailable(`Discord does not tell how many shards it wants (${answer.reason})`, answer.retryAfterMs)
}

function unavailable(why: string, afterMs = 0): ShardCount {
  return { kind: 'unavailable', why, afterMs }
}
