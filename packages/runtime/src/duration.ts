const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A time with its unit: `500ms`, `90s`, `5m`, `1.5h`, `7d`. */
export type DurationText = `${number}${keyof typeof UNITS_MS}`

/** In milliseconds; undefined for a text that is no duration. */
export function readDurationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
}
