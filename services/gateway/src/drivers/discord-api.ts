import type { DiscordGatewayBot } from '@holdfast/protocol'

/** How many identifies Discord still allows. Source: docs.discord.com/developers/events/gateway#session-start-limit-object */
export interface SessionStartLimit {
  readonly total: number
  readonly remaining: number
  readonly resetAfterMs: number
}

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

export interface DiscordApi {
  readonly apiUrl: string
  readonly token: string
  readonly fetch: typeof fetch
}

/** GET /gateway/bot: the generic address, the shard count Discord wants, the budget of identifies. Never throws. */
export async function getGatewayBot(api: DiscordApi, signal: AbortSignal): Promise<GatewayBot> {
  try {
    const response = await api.fetch(`${api.apiUrl.replace(/\/$/, '')}/gateway/bot`, {
      headers: { authorization: `Bot ${api.token}` },
      signal,
    })
    return response.ok ? await readAnswer(response) : refused(response)
  } catch (error) {
    return { kind: 'failed', reason: networkProblem(error) }
  }
}

async function readAnswer(response: Response): Promise<GatewayBot> {
  const body = (await response.json()) as Partial<DiscordGatewayBot>
  const limit = body.session_start_limit
  if (typeof body.url !== 'string' || typeof body.shards !== 'number' || !limit)
    return { kind: 'failed', status: response.status, reason: 'GET /gateway/bot answered something else' }
  const { total, remaining, reset_after: resetAfterMs } = limit
  return {
    kind: 'answer',
    url: body.url,
    shardCount: body.shards,
    limit: { total, remaining, resetAfterMs },
  }
}

function refused({ status, headers }: Response): GatewayBot {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return {
    kind: 'failed',
    status,
    reason: `GET /gateway/bot answered HTTP ${status}`,
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1_000 }),
  }
}

/** The network's own words; fetch hides them in the cause. */
export function networkProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
