import { Watermark } from '../watermark.ts'

/** More open probes than this (minutes of an outage of Redis) are not kept: an older one then stands for them. */
const PROBE_COUNT = 1_000

/** Everything the platform sent before `at` has a sequence up to `sequence`. */
interface Probe {
  readonly at: number
  readonly sequence: number
}

/**
 * Up to where a stream of events is safe, in one sense of the word: by sequence, and by instant, until when nothing that
 * happened on the platform is missing. The sequence never goes back, and the instant is never later than the truth.
 */
export class Reach {
  readonly #watermark: Watermark
  readonly #open: Probe[] = []
  #at: number

  /** `sequence` is safe and nothing before `at` is missing. */
  constructor(sequence: number, at: number) {
    this.#watermark = new Watermark(sequence)
    this.#at = at
  }

  received(sequence: number): void {
    this.#watermark.received(sequence)
  }

  /** That event is safe. Whether the sequence moved. */
  confirm(sequence: number): boolean {
    const before = this.#watermark.confirmed
    this.#watermark.confirm(sequence)
    if (this.#watermark.confirmed === before) return false
    this.#settle()
    return true
  }

  /** What happened before `at` has been received: it is among what came up to `sequence`. */
  proven(at: number, sequence: number): void {
    if (this.#open.length < PROBE_COUNT) this.#open.push({ at, sequence })
    this.#settle()
  }

  /** Up to here everything is safe. */
  get sequence(): number {
    return this.#watermark.confirmed
  }

  /** Until when everything is safe. */
  get at(): number {
    return this.#at
  }

  #settle(): void {
    let settledCount = 0
    for (const { at, sequence } of this.#open) {
      if (sequence > this.#watermark.confirmed) break
      this.#at = at
      settledCount++
    }
    this.#open.splice(0, settledCount)
  }
}
