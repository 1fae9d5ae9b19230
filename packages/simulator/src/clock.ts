/** A timer that has been set and can be taken back. Clearing twice is harmless. */
export interface Timer {
  clear(): void
}

/**
 * Time as the simulator may see it. Its own interface, since a fake that judges others shares no code with them; any
 * clock of this shape will do. `monotonicMs` is for durations, `wallAt` (Unix milliseconds) for what platforms stamp.
 */
export interface Clock {
  monotonicMs(): number
  wallAt(): number
  /** Runs `callback` once, `ms` from now. */
  setTimer(ms: number, callback: () => void): Timer
  /** A number in [0, 1), for ids. */
  random(): number
}

/** The process's own clock: the only place of this package that reads system time or sets system timers. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallAt: () => Date.now(),
  setTimer(ms, callback) {
    const handle = setTimeout(callback, ms)
    return { clear: () => clearTimeout(handle) }
  },
  random: () => Math.random(),
}

/** A string of `length` hexadecimal digits, for session ids, tickets and tokens that only this process must accept. */
export function randomHex(clock: Clock, length: number): string {
  let text = ''
  while (text.length < length) text += Math.floor(clock.random() * 16).toString(16)
  return text
}

/** A random UUID (version 4), for ids that clients may check the shape of. */
export function randomUuid(clock: Clock): string {
  const digits = (length: number) => randomHex(clock, length)
  return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`
}
