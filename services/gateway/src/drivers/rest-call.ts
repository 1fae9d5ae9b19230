/** What REST calls to both platforms have in common. */

import type { Clock } from '@holdfast/runtime'

/** How long the platform asks to be left alone; absent where it does not say. */
export function retryAfter({ headers }: Response): { readonly retryAfterMs?: number } {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}
}

/** The network's own words; fetch hides them in the cause. */
export function networkProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}

/** The address of a method, whether or not the base ends with a slash. */
export function methodUrl(apiUrl: string, method: string): string {
  return `${apiUrl.replace(/\/$/, '')}/${method}`
}

/** Both platforms answer such calls in a second or two. */
const BEGINS_WITHIN_MS = 10_000

/**
 * As `call`, but given up when no answer has begun within 10 s. A connection that was kept since an earlier call may be dead, and
 * nobody said so: it is closed with the call that was given up, and the next one opens another.
 */
export function impatient(call: typeof fetch, clock: Clock): typeof fetch {
  return (input, init) => {
    const signal = init?.signal ?? new AbortController().signal
    return callWithin(clock, BEGINS_WITHIN_MS, signal, (until) => call(input, { ...init, signal: until }))
  }
}

/** Gives `call` a signal that aborts with `signal`, or when `ms` are over. */
export async function callWithin<Answer>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController()
  const timer = clock.setTimer(ms, () => late.abort(new Error(`no answer within ${ms / 1_000} s`)))
  signal.addEventListener('abort', timer.clear, { once: true })
  try {
    return await call(AbortSignal.any([signal, late.signal]))
  } finally {
    timer.clear()
    signal.removeEventListener('abort', timer.clear)
  }
}
