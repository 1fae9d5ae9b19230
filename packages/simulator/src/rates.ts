import type { Clock } from './clock.ts'

/** So many per so long. */
export interface Rate {
  readonly count: number
  readonly perMs: number
}

/** Slack's way of counting: a bucket that holds `burst` at most and refills evenly at `rate`. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #burst: number
  #level: number
  #filledMs: number

  constructor(clock: Clock, rate: Rate, burst = 1) {
    this.#clock = clock
    this.#everyMs = rate.perMs / rate.count
    this.#burst = burst
    this.#level = burst
    this.#filledMs = clock.monotonicMs()
  }

  /** Takes one and answers 0, or takes none and answers in how many milliseconds there is one. */
  take(): number {
    const now = this.#clock.monotonicMs()
    this.#level = Math.min(this.#burst, this.#level + (now - this.#filledMs) / this.#everyMs)
    this.#filledMs = now
    if (this.#level < 1) return (1 - this.#level) * this.#everyMs
    this.#level -= 1
    return 0
  }
}

/** What a window answers: whether it is allowed, how many are left and when the window starts anew. */
export interface WindowState {
  readonly allowed: boolean
  readonly remainingCount: number
  readonly resetAfterMs: number
}

/** Discord's way of counting REST requests: `count` per window, all given back at its end. */
export class FixedWindow {
  readonly #clock: Clock
  readonly #rate: Rate
  #usedCount = 0
  #startedMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
  }

  take(): WindowState {
    const now = this.#clock.monotonicMs()
    if (now - this.#startedMs >= this.#rate.perMs) {
      this.#startedMs = now
      this.#usedCount = 0
    }
    const allowed = this.#usedCount < this.#rate.count
    if (allowed) this.#usedCount += 1
    return {
      allowed,
      remainingCount: this.#rate.count - this.#usedCount,
      resetAfterMs: this.#startedMs + this.#rate.perMs - now,
    }
  }
}

/** The strictest reading of "so many per so long": at no instant more than `count` within the last `perMs`. */
export class SlidingWindow {
  readonly #clock: Clock
  readonly #rate: Rate
  #takenMs: number[] = []

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
  }

  take(): boolean {
    const now = this.#clock.monotonicMs()
    this.#takenMs = this.#takenMs.filter((takenMs) => now - takenMs < this.#rate.perMs)
    if (this.#takenMs.length >= this.#rate.count) return false
    this.#takenMs.push(now)
    return true
  }
}
