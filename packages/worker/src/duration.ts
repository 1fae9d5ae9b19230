import { NonRetryableError } from './errors.ts'

/** No sleep and no wait is longer: what a year from now is to do belongs in a store that the bot keeps. */
const MAX_DURATION_MS = 365 * 24 * 60 * 60 * 1_000

/** Throws `duration` unless `ms` is a number of milliseconds that a job can wait. */
export function checkDuration(what: string, ms: number): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= MAX_DURATION_MS) return
  const found = typeof ms === 'number' || ms === undefined ? String(ms) : `a ${typeof ms}`
  throw new NonRetryableError(
    `${what} takes milliseconds from 0 to ${MAX_DURATION_MS} (365 days), and was given ${found}`,
    undefined,
    'duration',
  )
}
