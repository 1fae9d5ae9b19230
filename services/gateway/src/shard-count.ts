import { type Clock, messageOf } from '@holdfast/runtime'

/** What Discord answered when asked how many shards the bot should have. */
export type ShardCount =
  | { readonly kind: 'count'; readonly count: number }
  /** Asking again can't help until a person acts. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Try again, not before `afterMs`. */
  | { readonly kind: 'unavailable'; readonly why: string; readonly afterMs: number }

export interface ShardCountRequest {
  readonly apiUrl: string
  readonly token: string
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly signal: AbortSignal
}

const ANSWER_WITHIN_MS = 10_000

/** Asks `GET /gateway/bot` once. Never throws. https://docs.discord.com/developers/events/gateway#get-gateway-bot */
export async function askShardCount(request: ShardCountRequest): Promise<ShardCount> {
  const late = new AbortController()
  const timer = request.clock.setTimer(ANSWER_WITHIN_MS, () => late.abort(new Error('no answer within 10 s')))
  try {
    const response = await request.fetch(`${request.apiUrl}/gateway/bot`, {
      headers: { authorization: `Bot ${request.token}` },
      signal: AbortSignal.any([request.signal, late.signal]),
    })
    return readAnswer(response.status, await response.text())
  } catch (error) {
    return unavailable(`Discord's API can't be reached (${describe(error)})`)
  } finally {
    timer.clear()
  }
}

function readAnswer(status: number, text: string): ShardCount {
  const body = parse(text)
  if (status === 200)
    return typeof body.shards === 'number' && Number.isInteger(body.shards) && body.shards > 0
      ? { kind: 'count', count: body.shards }
      : unavailable('Discord answered GET /gateway/bot without a number of shards')
  if (status === 401)
    return {
      kind: 'refused',
      why: 'Discord refuses the token (401): set the bot token shown under Bot in the developer portal',
    }
  const afterMs = typeof body.retry_after === 'number' ? Math.ceil(body.retry_after * 1_000) : 0
  return unavailable(`Discord answered GET /gateway/bot with status ${status}`, afterMs)
}

function unavailable(why: string, afterMs = 0): ShardCount {
  return { kind: 'unavailable', why, afterMs }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** `fetch` hides the network's own error in `cause`. */
function describe(error: unknown): string {
  return error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
}
