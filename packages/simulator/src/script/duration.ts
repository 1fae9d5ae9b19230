const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 }

/** How durations are written, for messages. */
export const DURATION_EXAMPLES = '500ms, 5s, 2m or 1h'

/** `500ms`, `5s`, `1.5m`, `1h` in milliseconds; undefined for anything else. */
export function readDurationMs(value: unknown): number | undefined {
  const [, number, unit] =
    /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/.exec(typeof value === 'string' ? value : '') ?? []
  const factor = UNITS_MS[unit ?? '']
  return factor === undefined ? undefined : Number(number) * factor
}
