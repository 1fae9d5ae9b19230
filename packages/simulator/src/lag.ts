import type { Clock, Timer } from './clock.ts'

/** What waits to be written, and from when on it may be. */
interface Late {
  readonly dueMs: number
  readonly bytes: number
  readonly write: () => void
}

/** A slow line: what is written over it goes out later, and always in the order in which it was given. */
export class Lag {
  readonly #clock: Clock
  #lateMs = 0
  #untilMs = Number.NEGATIVE_INFINITY
  #waiting: Late[] = []
  #waitingBytes = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on, for `forMs`, what is written goes out `lateMs` later. */
  slow(lateMs: number, forMs: number): void {
    this.#lateMs = lateMs
    this.#untilMs = this.#clock.monotonicMs() + forMs
  }

  /** Whether something written now would go out late. */
  get isSlow(): boolean {
    return this.#waiting.length > 0 || this.#clock.monotonicMs() < this.#untilMs
  }

  /** How much was given and has not gone out. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Writes at once where the line is not slow, else when its time has come. */
  pass(write: () => void, bytes: number): void {
    if (!this.isSlow) return write()
    const nowMs = this.#clock.monotonicMs()
    const ownMs = nowMs < this.#untilMs ? nowMs + this.#lateMs : nowMs
    // Never before what was given earlier.
    const dueMs = Math.max(ownMs, this.#waiting.at(-1)?.dueMs ?? ownMs)
    this.#waiting.push({ dueMs, bytes, write })
    this.#waitingBytes += bytes
    this.#timer ??= this.#wake(dueMs)
  }

  /** What waits is never written; no timer is left. */
  clear(): void {
    this.#timer?.clear()
    this.#timer = undefined
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #wake(dueMs: number): Timer {
    return this.#clock.setTimer(dueMs - this.#clock.monotonicMs(), () => this.#writeDue())
  }

  #writeDue(): void {
    this.#timer = undefined
    const nowMs = this.#clock.monotonicMs()
    const later = this.#waiting.findIndex(({ dueMs }) => dueMs > nowMs)
    const due = this.#waiting.splice(0, later < 0 ? this.#waiting.length : later)
    for (const { write, bytes } of due) {
      this.#waitingBytes -= bytes
      write()
    }
    const [next] = this.#waiting
    if (next) this.#timer ??= this.#wake(next.dueMs)
  }
}
