import type { Clock, Timer } from '../src/clock.ts'

/** A clock that stands still until told to move. */
export class TestClock implements Clock {
  #nowMs = 0
  #timers: { readonly dueMs: number; readonly callback: () => void }[] = []
  #seed = 1

  monotonicMs = () => this.#nowMs
  wallAt = () => Date.UTC(2026, 0, 1) + this.#nowMs

  /** A fixed sequence, so that ids differ and runs do not. */
  random = () => {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647
    return this.#seed / 2_147_483_647
  }

  get timerCount(): number {
    return this.#timers.length
  }

  setTimer(ms: number, callback: () => void): Timer {
    const entry = { dueMs: this.#nowMs + ms, callback }
    this.#timers.push(entry)
    return {
      clear: () => {
        this.#timers = this.#timers.filter((other) => other !== entry)
      },
    }
  }

  advance(ms: number): void {
    this.#nowMs += ms
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs).sort((a, b) => a.dueMs - b.dueMs)
    this.#timers = this.#timers.filter((timer) => !due.includes(timer))
    for (const { callback } of due) callback()
  }
}
