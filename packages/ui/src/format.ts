const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** A whole number with thousands set apart: `12,480`. */
export function formatCount(value: number): string {
  return WHOLE.format(value)
}

/** A duration for people, rounded down, in one or two units: `0 ms`, `840 ms`, `3.2 s`, `4 min 10 s`, `3 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.floor(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return withRest(minutes, 'min', Math.floor(seconds % 60), 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return withRest(hours, 'h', minutes % 60, 'min')
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** The time of day of an instant (Unix milliseconds), as the reader's locale writes it. */
export function formatTime(at: number): string {
  return TIME.format(at)
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`
}
