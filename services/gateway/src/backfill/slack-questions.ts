import { asObject, parseObject } from '@holdfast/protocol'
import { methodUrl } from '../drivers/rest-call.ts'
import { isPassing, type SlackApi } from '../drivers/slack-api.ts'
import { tokenDigest } from '../drivers/token-digest.ts'
import type { PlatformAnswer, Question, Verdict } from './history.ts'

/**
 * Slack's methods of history are of Tier 3, 50 a minute; apps that are sold outside its marketplace may call them once a minute,
 * and are told so when they do. https://docs.slack.dev/apis/web-api/rate-limits
 */
const RATE = { burst: 3, everyMs: 1_250 } as const

/** A call of a method of the Web API, which Slack counts by method. */
export function slackQuestion(
  { apiUrl, token }: SlackApi,
  method: string,
  form: Readonly<Record<string, string>>,
): Question {
  return {
    limit: { key: `slack-history:${method}:${tokenDigest(token)}`, rate: RATE },
    route: `${method} ${tokenDigest(token)}`,
    url: methodUrl(apiUrl, method),
    init: {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(form),
    },
    judge,
  }
}

function judge({ status, headers, text }: PlatformAnswer): Verdict {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const wait = Number.isFinite(seconds) ? ({ waitMs: seconds * 1_000, holds: 'all' } as const) : {}
  if (status !== 200) return { kind: 'later', ...wait }
  const { ok, error } = parseObject(text) ?? { error: 'no_json' }
  if (ok === true) return { kind: 'answer', text }
  const why = typeof error === 'string' ? error : 'no_json'
  return isPassing(why) ? { kind: 'later', ...wait } : { kind: 'refused', why, text }
}

/** Where the next page begins; empty after the last. https://docs.slack.dev/apis/web-api/pagination */
export function cursorOf(text: string): string {
  const { next_cursor: cursor } = asObject(parseObject(text)?.response_metadata) ?? {}
  return typeof cursor === 'string' ? cursor : ''
}
