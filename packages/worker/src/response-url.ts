import { systemClock } from '@holdfast/runtime'
import { CALL_TIMEOUT_MS } from './discord-client.ts'
import { fieldsOf } from './payload.ts'
import type { PlatformProblem } from './platform-problem.ts'

/** A response URL did not take a message, or did not say so. Read it with `readPlatformProblem`. */
export class ResponseUrlError extends Error {
  override readonly name = 'ResponseUrlError'
  readonly problem: PlatformProblem

  constructor(problem: PlatformProblem) {
    super('the response URL did not answer for the message')
    this.problem = problem
  }
}

/** What Slack says of a URL that takes no more. */
const OVER: ReadonlySet<unknown> = new Set(['expired_url', 'used_url', 'invalid_url'])
const DEFAULT_WAIT_MS = 5_000

/**
 * Posts to the response URL of an interaction, which takes no token, and says nothing of the message that came of it.
 * `over`: its five uses or 30 minutes are; nothing was posted, and nothing will be. Rejects with `ResponseUrlError`.
 * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export async function respond(url: string, message: object): Promise<'posted' | 'over'> {
  const { status, retryAfter, text } = await post(url, message)
  const error = readError(text)
  if (status < 300 && error === undefined) return 'posted'
  if (OVER.has(error)) return 'over'
  throw new ResponseUrlError(readProblem(status, retryAfter, error))
}

async function post(url: string, message: object) {
  const tooLong = new AbortController()
  const timer = systemClock.setTimer(CALL_TIMEOUT_MS, () => tooLong.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal: tooLong.signal,
    })
    const retryAfter = response.headers.get('retry-after')
    return { status: response.status, retryAfter, text: await response.text() }
  } catch (error) {
    throw new ResponseUrlError({ kind: 'uncertain', why: `no answer from Slack (${reasonOf(error)})` })
  } finally {
    timer.clear()
  }
}

function readProblem(status: number, retryAfter: string | null, error: string | undefined): PlatformProblem {
  if (status === 429) return { kind: 'limited', waitMs: readWaitMs(retryAfter), why: 'Slack limits the rate' }
  if (status >= 500 || status === 408) return { kind: 'uncertain', why: `Slack answered ${status}` }
  return { kind: 'refused', reason: error ?? `HTTP ${status}` }
}

/** Slack gives seconds; a proxy before it may give a date, or nothing. */
function readWaitMs(retryAfter: string | null): number {
  return retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : DEFAULT_WAIT_MS
}

/** Slack answers `ok`, or JSON; for some errors their bare name. */
function readError(text: string): string | undefined {
  try {
    const { ok, error } = fieldsOf(JSON.parse(text))
    return ok === false ? String(error) : undefined
  } catch {
    return /^[a-z]+(_[a-z]+)+$/.test(text) ? text : undefined
  }
}

/** Never the error's text: it may hold the URL, which is a secret. */
function reasonOf(error: unknown): string {
  const { code } = fieldsOf(fieldsOf(error).cause)
  if (typeof code === 'string') return code
  return error instanceof Error ? error.name : 'unknown'
}
