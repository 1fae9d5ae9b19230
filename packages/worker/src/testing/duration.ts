import { type DurationText, readDurationMs } from '@holdfast/runtime'

/** A time in a test: milliseconds, or a number with its unit, like `'90s'`, `'5m'`, `'1h'`, `'2d'`. */
export type Duration = number | DurationText

/** In milliseconds. Throws a `RangeError` for what is no time or lies in the past. */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : readDurationMs(String(duration))
  if (ms !== undefined && ms >= 0 && Number.isFinite(ms)) return ms
  throw new RangeError(
    `${JSON.stringify(duration)} is no time to come: use milliseconds or a text like "90s", "5m", "1h", "2d"`,
  )
}
