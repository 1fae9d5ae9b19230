import { DiscordAPIError, HTTPError, RateLimitError } from '@discordjs/rest'
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api'
import { NonRetryableError, PlatformWaitError, TokenError } from './errors.ts'
import { fieldsOf } from './payload.ts'
import { ResponseUrlError } from './response-url.ts'

/** What a failed call to a platform means. */
export type PlatformProblem =
  /** It certainly had no effect; the platform says when to come again. */
  | { readonly kind: 'limited'; readonly waitMs: number; readonly why: string }
  /** No answer, or one that leaves open whether the call had its effect. */
  | { readonly kind: 'uncertain'; readonly why: string }
  /** It certainly had no effect, nor will any other call have one before the token is set right. */
  | { readonly kind: 'unauthorized'; readonly why: string }
  /** It had no effect, and will not have one next time. `reason` is the platform's own word. */
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Slack's errors that say nothing about the call itself. `internal_error` and `fatal_error`: "some aspect of the
 * operation may have succeeded" (https://docs.slack.dev/reference/methods/chat.postMessage).
 */
const UNCERTAIN_SLACK_ERRORS: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'external_channel_migrating',
])

/** Slack's refusals of the token itself, whatever the call: https://docs.slack.dev/reference/methods/auth.test */
const SLACK_TOKEN_ERRORS: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
])

/** A 401 for the token of a webhook or an interaction: https://docs.discord.com/developers/topics/opcodes-and-status-codes */
const DISCORD_INVALID_WEBHOOK_TOKEN = 50_027

/** Slack's older way to limit, in a 200 without Retry-After. */
const SLACK_LIMIT_ERRORS: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited'])
const SLACK_DEFAULT_WAIT_MS = 5_000

/** Reads an error of the REST clients; undefined for any other. */
export function readPlatformProblem(error: unknown): PlatformProblem | undefined {
  if (error instanceof ResponseUrlError) return error.problem
  return readSlackProblem(error) ?? readDiscordProblem(error)
}

/** Whether a call that failed certainly left nothing behind. */
export function certainlyHadNoEffect(error: unknown): boolean {
  if (error instanceof NonRetryableError) return error.code === 'reply-late'
  const problem = readPlatformProblem(error)
  return problem !== undefined && problem.kind !== 'uncertain'
}

/** What the job waits for where the call certainly had no effect and a later one can have it; undefined for the rest. */
export function asWait(problem: PlatformProblem | undefined, cause: unknown): PlatformWaitError | undefined {
  if (problem?.kind === 'limited') return new PlatformWaitError(problem.why, problem.waitMs, { cause })
  if (problem?.kind === 'unauthorized') return new TokenError('token-refused', problem.why, { cause })
  return undefined
}

function readSlackProblem(error: unknown): PlatformProblem | undefined {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'limited', waitMs: error.retryAfter * 1_000, why: 'Slack limits the rate' }
  }
  if (error instanceof WebAPIRequestError) {
    return { kind: 'uncertain', why: `no answer from Slack (${error.original.message})` }
  }
  if (error instanceof WebAPIHTTPError) return byStatus('Slack', error.statusCode, String(error.statusCode))
  if (!(error instanceof WebAPIPlatformError)) return undefined
  const reason = error.data.error
  if (SLACK_LIMIT_ERRORS.has(reason)) {
    return { kind: 'limited', waitMs: SLACK_DEFAULT_WAIT_MS, why: 'Slack limits the rate' }
  }
  if (SLACK_TOKEN_ERRORS.has(reason)) return unauthorized('Slack', reason, 'SLACK_BOT_TOKEN')
  if (UNCERTAIN_SLACK_ERRORS.has(reason)) return { kind: 'uncertain', why: `Slack answered ${reason}` }
  const { needed } = fieldsOf(error.data)
  return { kind: 'refused', reason: needed ? `${reason} (needs ${needed})` : reason }
}

function readDiscordProblem(error: unknown): PlatformProblem | undefined {
  if (error instanceof RateLimitError) {
    const waitMs = Math.ceil(Math.max(error.retryAfter, error.timeToReset))
    return { kind: 'limited', waitMs, why: 'Discord limits the rate' }
  }
  if (error instanceof HTTPError) return byStatus('Discord', error.status, String(error.status))
  if (error instanceof DiscordAPIError) {
    if (error.status === 401 && error.code !== DISCORD_INVALID_WEBHOOK_TOKEN) {
      return unauthorized('Discord', 'HTTP 401', 'DISCORD_TOKEN')
    }
    return byStatus(
      'Discord',
      error.status,
      `${error.code} ${fieldsOf(error.rawError).message} (HTTP ${error.status})`,
    )
  }
  return undefined
}

/** `ECONNRESET` and its like, and undici's own; not Node's `ERR_…`, which are mistakes in a call. */
const SOCKET_CODE = /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/

/** Reads an error of the socket below a REST client: the call may have arrived. Undefined for any other. */
export function readNetworkProblem(error: unknown): PlatformProblem | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'AbortError') return { kind: 'uncertain', why: 'no answer in time' }
  const { code } = fieldsOf(error)
  return typeof code === 'string' && SOCKET_CODE.test(code) ? { kind: 'uncertain', why: code } : undefined
}

function unauthorized(platform: string, reason: string, variable: string): PlatformProblem {
  return {
    kind: 'unauthorized',
    why: `${platform} refuses the token (${reason}): set ${variable} and restart; the job waits`,
  }
}

/** 408 and everything from 500 on leave the effect open; other refusals are the platform's last word. */
function byStatus(platform: string, status: number, reason: string): PlatformProblem {
  if (status >= 500 || status === 408) return { kind: 'uncertain', why: `${platform} answered ${status}` }
  return { kind: 'refused', reason }
}
