import { asObject, parseObject } from '@holdfast/protocol'
import { methodUrl, networkProblem, retryAfter } from './rest-call.ts'

/** How many identifies Discord still allows. Source: docs.discord.com/developers/events/gateway#session-start-limit-object */
export interface SessionStartLimit {
  readonly total: number
  readonly remaining: number
  readonly resetAfterMs: number
  /** How many shards may identify at once, each under another remainder of its id by this number. 1 where Discord names none. */
  readonly maxConcurrency: number
}

/** What `GET /gateway/bot` came to. */
export type GatewayBot =
  | {
      readonly kind: 'answer'
      readonly url: string
      readonly shardCount: number
      readonly limit: SessionStartLimit
    }
  | {
      readonly kind: 'failed'
      /** Absent where there was no answer. */
      readonly status?: number
      readonly retryAfterMs?: number
      readonly reason: string
    }

/** Discord's REST API, as one bot may use it. */
export interface DiscordApi {
  readonly apiUrl: string
  readonly token: string
  readonly fetch: typeof fetch
}

/** GET /gateway/bot: the generic address, the shard count Discord wants, the budget of identifies. Never throws. */
export async function getGatewayBot(api: DiscordApi, signal: AbortSignal): Promise<GatewayBot> {
  try {
    const response = await api.fetch(methodUrl(api.apiUrl, 'gateway/bot'), {
      headers: { authorization: `Bot ${api.token}` },
      signal,
    })
    return response.ok ? await readAnswer(response) : refused(response)
  } catch (error) {
    return { kind: 'failed', reason: networkProblem(error) }
  }
}

async function readAnswer(response: Response): Promise<GatewayBot> {
  const { url, shards: shardCount, session_start_limit } = parseObject(await response.text()) ?? {}
  const limit = readLimit(session_start_limit)
  if (typeof url !== 'string' || typeof shardCount !== 'number' || !limit)
    return { kind: 'failed', status: response.status, reason: 'GET /gateway/bot answered something else' }
  return { kind: 'answer', url, shardCount, limit }
}

function readLimit(value: unknown): SessionStartLimit | undefined {
  const { total, remaining, reset_after: resetAfterMs, max_concurrency } = asObject(value) ?? {}
  if (typeof total !== 'number' || typeof remaining !== 'number' || typeof resetAfterMs !== 'number')
    return undefined
  const maxConcurrency = Number.isInteger(max_concurrency) ? Math.max(1, Number(max_concurrency)) : 1
  return { total, remaining, resetAfterMs, maxConcurrency }
}

function refused(response: Response): GatewayBot {
  const { status } = response
  return {
    kind: 'failed',
    status,
    reason: `GET /gateway/bot answered HTTP ${status}`,
    ...retryAfter(response),
  }
}
