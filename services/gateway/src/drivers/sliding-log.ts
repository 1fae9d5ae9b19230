import type { Clock } from '@holdfast/runtime'

/** At most `count` in every span of `perMs`. */
export interface Rate {
  readonly count: number
  readonly perMs: number
}

/**
 * When the last ones were, so that the next is never too early. A log and not a bucket that refills: with a bucket a burst
 * after a pause lets up to twice the count into one span.
 */
export class SlidingLog {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #rate: Rate
  #at: number[] = []

  constructor(clock: Pick<Clock, 'monotonicMs'>, rate: Rate) {
    this.#clock = clock
    this.#rate = rate
  }

  /** One was made now. */
  note(): void {
    this.#forget()
    this.#at.push(this.#clock.monotonicMs())
  }

  /** How long until one more may be made; 0: now. */
  get waitMs(): number {
    return this.#waitFor(this.#rate.count)
  }

  /** As `waitMs`, where `reservedCount` of the rate are kept for others. */
  waitMsBeside(reservedCount: number): number {
    return this.#waitFor(Math.max(1, this.#rate.count - reservedCount))
  }

  #waitFor(count: number): number {
    this.#forget()
    const leaving = this.#at[this.#at.length - count]
    return leaving === undefined ? 0 : leaving + this.#rate.perMs - this.#clock.monotonicMs()
  }

  #forget(): void {
    const since = this.#clock.monotonicMs() - this.#rate.perMs
    const kept = this.#at.findIndex((at) => at > since)
    this.#at = kept === -1 ? [] : this.#at.slice(kept)
  }
}
