import type { Clock } from '@holdfast/runtime'

/** The heartbeats or pings of one socket that are not answered yet. A socket keeps its order, so answers come in it too. */
export class Probes {
  readonly #clock: Clock
  #sentAt: number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  sent(): void {
    this.#sentAt.push(this.#clock.wallAt())
  }

  /** When the probe that this answer belongs to was sent. */
  answered(): number | undefined {
    return this.#sentAt.shift()
  }

  /** A new socket: the old one's will never be answered. */
  reset(): void {
    this.#sentAt = []
  }
}
