/** What the REST answers of both platforms have in common. */

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
