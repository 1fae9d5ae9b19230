import type { AbortReason, Outcome } from '@holdfast/queue'
import { DiscardError, JobAbortedError, NonRetryableError, PlatformWaitError, TokenError } from './errors.ts'
import type { Suspended } from './suspension.ts'

/** How a handler ended. */
export type Ending =
  | { readonly kind: 'resolved' }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** It sleeps or waits, and was put away. */
  | Suspended
  /** It was told to stop and did not in time. It may still be running; nothing it does is recorded any more. */
  | { readonly kind: 'abandoned' }

/** What the decision rests on beside the ending. */
export interface Trial {
  /** 1 for the first try; waits for the platform are not counted. */
  readonly attempt: number
  /** How often the job already waited for a platform. */
  readonly waitCount: number
  readonly aborted: AbortReason | undefined
  /** A number in [0, 1), for jitter. */
  readonly random: number
}

/** How long to wait between tries. */
export interface Backoff {
  /** Wait after the first failure; doubles with each. Default 1 s. */
  readonly baseMs: number
  /** Default 60 s. */
  readonly maxMs: number
}

/** How often a job is tried. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  readonly backoff: Backoff
}

/**
 * A job that waited for its platform this often is a dead letter the next time. While the platform is away that is after
 * one to two hours: with the default backoff 6 waits of 63 s together, then 114 of 60 s, each half to fully drawn. While
 * there is no valid token, after five to ten hours: 4 waits of 450 s together, then 116 of 300 s.
 */
export const MAX_WAIT_COUNT = 120

/** Who has to mend it needs time; once it is mended, no job waits longer than `maxMs`. */
const TOKEN_BACKOFF: Backoff = { baseMs: 30_000, maxMs: 300_000 }

/**
 * What becomes of a job: one clause per ending, in order.
 *
 * | handler | outcome |
 * |---|---|
 * | resolved | completed |
 * | sleeps or waits | suspended: no attempt spent |
 * | abandoned, or threw because or after it was told to stop | returned: no attempt spent |
 * | threw `DiscardError` | completed |
 * | threw `NonRetryableError` | dead |
 * | threw because the platform limits or is away, or takes no token of ours | retry, no attempt spent; dead after `MAX_WAIT_COUNT` |
 * | threw anything else | retry; dead after `attempts` |
 *
 * A job whose lock is lost is `returned` too: the queue refuses whatever it is told, and another worker decides.
 */
export function decideOutcome(ending: Ending, trial: Trial, policy: RetryPolicy): Outcome {
  if (ending.kind === 'resolved') return { kind: 'completed' }
  if (ending.kind === 'suspended') return ending
  if (ending.kind === 'abandoned' || trial.aborted) return { kind: 'returned' }
  const { error } = ending
  if (error instanceof JobAbortedError) return { kind: 'returned' }
  if (error instanceof DiscardError) return { kind: 'completed' }
  if (error instanceof NonRetryableError) return dead(error)
  if (error instanceof PlatformWaitError) {
    if (trial.waitCount >= MAX_WAIT_COUNT) return dead(error)
    const backoff = error instanceof TokenError ? TOKEN_BACKOFF : policy.backoff
    const delayMs = error.waitMs ?? backoffMs(backoff, trial.waitCount + 1, trial.random)
    return { kind: 'retry', delayMs, reason: reasonOf(error) }
  }
  if (trial.attempt >= policy.attempts) return dead(error)
  const delayMs = backoffMs(policy.backoff, trial.attempt, trial.random)
  return { kind: 'retry', delayMs, reason: reasonOf(error) }
}

/** Whether the try that ended was the platform's fault, so that it spends no attempt of ours. */
export function isUncounted(ending: Ending, outcome: Outcome): boolean {
  return outcome.kind === 'retry' && ending.kind === 'threw' && ending.error instanceof PlatformWaitError
}

/** Doubles from `baseMs` to `maxMs`; the upper half of it is drawn, so that failed jobs do not come back in step. */
export function backoffMs(backoff: Backoff, failureCount: number, random: number): number {
  const fullMs = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (failureCount - 1))
  return Math.round(fullMs * (0.5 + random / 2))
}

/** One line that names an error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`
}

function dead(error: unknown): Outcome {
  const reason = reasonOf(error)
  return error instanceof Error && error.stack !== undefined
    ? { kind: 'dead', reason, stack: error.stack }
    : { kind: 'dead', reason }
}
