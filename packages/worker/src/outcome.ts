import type { AbortReason, Outcome } from '@holdfast/queue'
import {
  DiscardError,
  JobAbortedError,
  NonRetryableError,
  PlatformWaitError,
  RetryAtError,
  TokenError,
} from './errors.ts'
import type { WaitedFor, WaitSeries } from './platform-waits.ts'
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
  /** How often the job has waited for the platform without getting on; absent where it has not. */
  readonly waits: WaitSeries | undefined
  /** Unix ms. */
  readonly nowAt: number
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

export const BACKOFF_KEYS = ['baseMs', 'maxMs'] as const satisfies readonly (keyof Backoff)[]

/** How often a job is tried. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  readonly backoff: Backoff
}

const DAY_MS = 86_400_000

/**
 * How long a job waits for what is no fault of its event, and how often it looks. Who has to mend a token needs time, and may have a
 * weekend; once it is mended, no job waits longer than five minutes.
 */
const WAITS: Readonly<Record<WaitedFor, { readonly days: number; readonly backoff: Backoff }>> = {
  platform: { days: 1, backoff: { baseMs: 1_000, maxMs: 300_000 } },
  token: { days: 7, backoff: { baseMs: 30_000, maxMs: 300_000 } },
}

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
 * | threw because the platform limits or is away, or takes no token of ours | retry, no attempt spent; dead after a day, or seven |
 * | threw `RetryAtError` | retry when it says; dead after `attempts` |
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
  if (error instanceof PlatformWaitError) return waitOrDie(error, trial)
  if (trial.attempt >= policy.attempts) return dead(error)
  return { kind: 'retry', delayMs: retryMs(error, trial, policy.backoff), reason: reasonOf(error) }
}

/** What a job waits for that ended so; undefined where it was no wait. */
export function waitedFor(ending: Ending): WaitedFor | undefined {
  if (ending.kind !== 'threw' || !(ending.error instanceof PlatformWaitError)) return undefined
  return ending.error instanceof TokenError ? 'token' : 'platform'
}

/** As long as the platform asks, or longer each time. */
function waitOrDie(error: PlatformWaitError, { waits, nowAt, random }: Trial): Outcome {
  const waited = error instanceof TokenError ? 'token' : 'platform'
  const { days, backoff } = WAITS[waited]
  const { sinceAt, count } = waits?.for === waited ? waits : { sinceAt: nowAt, count: 0 }
  if (nowAt - sinceAt >= days * DAY_MS) {
    const since = `waited since ${new Date(sinceAt).toISOString()}`
    return { kind: 'dead', reason: `${reasonOf(error)} (${since}, ${count} times)`, ...stackOf(error) }
  }
  const delayMs =
    error.waitMs === undefined
      ? backoffMs(backoff, count + 1, random)
      : Math.round(error.waitMs * (1 + random * ASKED_JITTER))
  return { kind: 'retry', delayMs, reason: reasonOf(error), uncounted: true }
}

/** Jobs that were told to come again together come one after the other, and none of them too early. */
const ASKED_JITTER = 0.1

function retryMs(error: unknown, { attempt, nowAt, random }: Trial, backoff: Backoff): number {
  if (error instanceof RetryAtError) return error.delayMs(nowAt)
  return backoffMs(backoff, attempt, random)
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
  return { kind: 'dead', reason: reasonOf(error), ...stackOf(error) }
}

function stackOf(error: unknown): { readonly stack?: string } {
  return error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}
}
