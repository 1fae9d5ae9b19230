import { parseObject } from '@holdfast/protocol'
import type { DiscordApi } from '../drivers/discord-api.ts'
import { methodUrl } from '../drivers/rest-call.ts'
import { tokenDigest } from '../drivers/token-digest.ts'
import type { PlatformAnswer, Question, Verdict } from './history.ts'

/** A tenth of the 50 requests a second that a bot may make: the rest is its workers'. https://docs.discord.com/developers/topics/rate-limits */
const RATE = { burst: 5, everyMs: 200 } as const

/** A GET of the REST API. Discord counts by route and by the channel or guild in it: `path` names both. */
export function discordQuestion({ apiUrl, token }: DiscordApi, path: string, query = ''): Question {
  return {
    limit: { key: `discord-history:${tokenDigest(token)}`, rate: RATE },
    route: `${path} ${tokenDigest(token)}`,
    url: methodUrl(apiUrl, `${path}${query}`),
    init: { headers: { authorization: `Bot ${token}` } },
    judge,
  }
}

function judge({ status, headers, text }: PlatformAnswer): Verdict {
  if (status === 200) return { kind: 'answer', text, ...restOf(headers) }
  if (status === 429) return tooMany(headers, text)
  if (status >= 500) return { kind: 'later' }
  const { code } = parseObject(text) ?? {}
  return { kind: 'refused', why: typeof code === 'number' ? `${status} ${code}` : `${status}`, text }
}

/** The route's own window, where it has none left. */
function restOf(headers: Headers): { readonly restMs?: number } {
  const [remaining, resetAfter] = [numberIn(headers, 'remaining'), numberIn(headers, 'reset-after')]
  return remaining === 0 && resetAfter !== undefined ? { restMs: Math.ceil(resetAfter * 1_000) } : {}
}

function tooMany(headers: Headers, text: string): Verdict {
  const { retry_after, global } = parseObject(text) ?? {}
  const seconds = typeof retry_after === 'number' ? retry_after : Number(headers.get('retry-after') ?? 1)
  const holds = global === true || headers.has('x-ratelimit-global') ? 'all' : 'route'
  return { kind: 'later', waitMs: Math.ceil((Number.isFinite(seconds) ? seconds : 1) * 1_000), holds }
}

function numberIn(headers: Headers, name: string): number | undefined {
  const value = headers.get(`x-ratelimit-${name}`)
  return value !== null && Number.isFinite(Number(value)) ? Number(value) : undefined
}
