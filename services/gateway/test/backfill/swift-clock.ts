import type { Clock, Timer } from '@holdfast/runtime'

/** A clock that leaps to the next timer whenever nothing else is left to do. */
export class SwiftClock implements Clock {
  #nowMs = 0
  readonly #startedAt: number
  readonly #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>()

  constructor(startedAt = Date.UTC(2026, 0, 1, 12)) {
    this.#startedAt = startedAt
  }

  monotonicMs = () => this.#nowMs
  wallAt = () => this.#startedAt + this.#nowMs
  random = () => 0.5

  setTimer(ms: number, callback: () => void): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), callback }
    this.#timers.add(timer)
    return { clear: () => void this.#timers.delete(timer) }
  }

  get timerCount(): number {
    return this.#timers.size
  }

  /** Time goes on, whatever else does. */
  leap(ms: number): void {
    this.#nowMs += ms
  }

  /** Lets time go on until `isDone`. Throws where nothing is left that could bring it about. */
  async until(isDone: () => boolean | Promise<boolean>): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      await new Promise(setImmediate)
      if (await isDone()) return
      const [next] = [...this.#timers].sort((one, other) => one.dueMs - other.dueMs)
      if (!next) {
        idle += 1
        continue
      }
      idle = 0
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    throw new Error('nothing is left to wait for, and it has not come about')
  }
}
