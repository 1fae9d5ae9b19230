/** A time in a test: milliseconds, or a number with its unit, like `'90s'`, `'5m'`, `'1h'`, `'2d'`. */
export type Duration = number | `${number}${keyof typeof UNIT_MS}`

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** In milliseconds. Throws a `RangeError` for what is no time or lies in the past. */
export function durationMs(duration: Duration): number {
  if (typeof duration === 'number' && duration >= 0 && Number.isFinite(duration)) return duration
  const [, count, unit] = TEXT.exec(String(duration)) ?? []
  if (count === undefined || unit === undefined) {
    throw new RangeError(
      `${JSON.stringify(duration)} is no time to come: use milliseconds or a text like "90s", "5m", "1h", "2d"`,
    )
  }
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
}
