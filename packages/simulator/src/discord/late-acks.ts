import type { Clock, Timer } from '../clock.ts'

/** Answers to heartbeats, which a saturated shard gives late while its dispatches go on. */
export class LateAcks {
  readonly #clock: Clock
  readonly #timers = new Set<Timer>()
  #lateMs = 0
  #untilMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on, for `forMs`, each goes out `lateMs` after its heartbeat. */
  begin(lateMs: number, forMs: number): void {
    this.#lateMs = lateMs
    this.#untilMs = this.#clock.monotonicMs() + forMs
  }

  pass(send: () => void): void {
    if (this.#clock.monotonicMs() >= this.#untilMs) return send()
    const timer = this.#clock.setTimer(this.#lateMs, () => {
      this.#timers.delete(timer)
      send()
    })
    this.#timers.add(timer)
  }

  /** What is late is never sent; no timer is left. */
  stop(): void {
    for (const timer of this.#timers) timer.clear()
    this.#timers.clear()
  }
}
