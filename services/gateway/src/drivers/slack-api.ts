import { type JsonObject, parseObject } from '@holdfast/protocol'
import { methodUrl, networkProblem, retryAfter } from './rest-call.ts'

/** Slack's Web API, as one bot may use it. */
export interface SlackApi {
  readonly apiUrl: string
  readonly token: string
  readonly fetch: typeof fetch
}

/** What a call came to. */
export type SlackAnswer =
  | { readonly ok: true; readonly body: JsonObject }
  | {
      readonly ok: false
      /** Slack's own word, `http_<status>`, `no_json`, or `unreachable`. */
      readonly error: string
      readonly retryAfterMs?: number
      readonly reason?: string
      /** Socket Mode, which has two tokens: the one that was refused, where it is not the app's. */
      readonly token?: 'bot'
    }

/** Errors that say nothing about the request: the same one may succeed later. */
const PASSING_ERRORS: ReadonlySet<string> = new Set([
  'ratelimited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'no_json',
  'unreachable',
])

/** Calls a method of the Web API once. Never throws. Source: docs.slack.dev/apis/web-api */
export async function callSlack(
  api: SlackApi,
  method: string,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<SlackAnswer> {
  try {
    const response = await api.fetch(methodUrl(api.apiUrl, method), {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token}` },
      body: new URLSearchParams(form),
      signal,
    })
    return await readAnswer(response)
  } catch (error) {
    return { ok: false, error: 'unreachable', reason: networkProblem(error) }
  }
}

/** Whether asking again later may give another answer. */
export function isPassing(error: string): boolean {
  return PASSING_ERRORS.has(error) || error.startsWith('http_')
}

async function readAnswer(response: Response): Promise<SlackAnswer> {
  const { status } = response
  const later = retryAfter(response)
  if (status === 429) return { ok: false, error: 'ratelimited', ...later }
  if (!response.ok) return { ok: false, error: `http_${status}`, ...later }
  const body = parseObject(await response.text())
  if (!body) return { ok: false, error: 'no_json' }
  if (body.ok === true) return { ok: true, body }
  return { ok: false, error: typeof body.error === 'string' ? body.error : 'no_json', ...later }
}
