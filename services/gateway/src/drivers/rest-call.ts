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

/** Gives `call` a signal that aborts with `signal`, or when `ms` are over. */
export async function callWithin<Answer>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController()
  const timer = clock.setTimer(ms, () => late.abort(new Error(`no answer within ${ms / 1_000} s`)))
  try {
    return await call(AbortSignal.any([signal, late.signal]))
  } finally {
    timer.clear()
  }
}
