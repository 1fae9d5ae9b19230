/** A timer that has been set and can be taken back. Clearing twice is harmless. */
export interface Timer {
  clear(): void
}

/**
 * Time as the rest of the code may see it. `monotonicMs` never jumps and is the only source for durations;
 * `wallAt` is for stamps that people and platforms read (Unix milliseconds).
 */
export interface Clock {
  monotonicMs(): number
  wallAt(): number
  /** Runs `callback` once, `ms` from now; a time longer than 24 days counts as 24 days. */
  setTimer(ms: number, callback: () => void): Timer
  /** A number in [0, 1), for jitter. */
  random(): number
}

/** Node takes a longer timer for one of a millisecond: a platform that says "retry after a year" would be asked at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The process's own clock. The only place that reads system time, sets system timers or draws random numbers. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallAt: () => Date.now(),
  setTimer(ms, callback) {
    const handle = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS))
    return { clear: () => clearTimeout(handle) }
  },
  random: () => Math.random(),
}

/** Resolves after `ms` on `clock`, or at once when `signal` aborts. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = clock.setTimer(ms, finish)
    signal?.addEventListener('abort', finish, { once: true })
    function finish() {
      timer.clear()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
  })
}

/** Waits for `work`, but no longer than `ms`: whether it ended in time. Rejects only as `work` does, if it does in time. */
export async function endsWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController()
  const inTime = work.then(() => true)
  const late = sleep(clock, ms, ended.signal).then(() => false)
  return Promise.race([inTime, late]).finally(() => ended.abort())
}

/** A clock that stands still until told to move: for tests of anything that waits. */
export class ManualClock implements Clock {
  #nowMs = 0
  /** How far the wall clock was set ahead. */
  #setMs = 0
  #timers: { dueMs: number; callback: () => void }[] = []
  readonly #startedAt: number
  readonly #draw: () => number

  constructor(startedAt: number = Date.UTC(2026, 0, 1), draw: () => number = () => 0.5) {
    this.#startedAt = startedAt
    this.#draw = draw
  }

  monotonicMs = () => this.#nowMs
  wallAt = () => this.#startedAt + this.#nowMs + this.#setMs
  random = () => this.#draw()

  /** The wall clock is set so far ahead, or back; no time passes. */
  setWallAhead(ms: number): void {
    this.#setMs += ms
  }

  setTimer(ms: number, callback: () => void): Timer {
    const entry = { dueMs: this.#nowMs + Math.max(0, ms), callback }
    this.#timers.push(entry)
    return {
      clear: () => {
        this.#timers = this.#timers.filter((other) => other !== entry)
      },
    }
  }

  /** How many timers are set; a test that ends with some has leaked them. */
  get timerCount(): number {
    return this.#timers.length
  }

  /** How long until the next timer is due; undefined where none is set. */
  get nextTimerInMs(): number | undefined {
    const due = this.#timers.map(({ dueMs }) => dueMs)
    return due.length === 0 ? undefined : Math.min(...due) - this.#nowMs
  }

  /** Moves time on, firing due timers in order, each at its own instant. */
  advance(ms: number): void {
    const target = this.#nowMs + ms
    for (;;) {
      const next = this.#timers.filter((t) => t.dueMs <= target).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!next) break
      this.#timers = this.#timers.filter((t) => t !== next)
      this.#nowMs = next.dueMs
      next.callback()
    }
    this.#nowMs = target
  }
}
