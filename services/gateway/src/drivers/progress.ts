import { Watermark } from '../watermark.ts'

/**
 * Between the moment something happens on the platform and the moment it is on its way to every socket. Not documented;
 * it only makes a gap begin a little earlier than it must.
 */
const FANOUT_ALLOWANCE_MS = 1_000
/** More open marks than this (minutes of an outage of Redis) are not kept: an older one then stands for them. */
const MARK_COUNT = 1_000

/** Everything the platform sent before `at` has a sequence up to `sequence`. */
interface Mark {
  readonly at: number
  readonly sequence: number
}

/**
 * How far a stream of events has come: by sequence, what is received and confirmed; by instant, until when nothing
 * that happened on the platform is missing. The instant comes from probes (heartbeats, pings): when the answer to one is
 * there, everything sent before the probe is there too, since a socket keeps its order. The sequence never goes back, and
 * the instant is never later than the truth: where the system's clock is put back, it goes back with it, for an instant
 * of the old time would lie in the future and hide what is missed until then.
 */
export class Progress {
  readonly #watermark: Watermark
  readonly #marks: Mark[] = []
  #received: number
  #heardAt: number
  #confirmedAt: number

  /** `sequence` is confirmed and nothing before `caughtUpAt` is missing. */
  constructor(sequence: number, caughtUpAt: number) {
    this.#watermark = new Watermark(sequence)
    this.#received = sequence
    this.#heardAt = caughtUpAt
    this.#confirmedAt = caughtUpAt
  }

  /** The next sequence of a stream that has no numbers of its own. */
  receivedNext(): number {
    this.received(this.#received + 1)
    return this.#received
  }

  received(sequence: number): void {
    this.#received = Math.max(this.#received, sequence)
    this.#watermark.received(sequence)
  }

  /** Whether the watermark moved. */
  confirm(sequence: number): boolean {
    const before = this.#watermark.confirmed
    this.#watermark.confirm(sequence)
    if (this.#watermark.confirmed === before) return false
    this.#settle()
    return true
  }

  /** A probe sent at `sentAt` is answered: what happened before it has been received. */
  probeAnswered(sentAt: number): void {
    const at = sentAt - FANOUT_ALLOWANCE_MS
    this.#heardAt = at
    if (this.#marks.length < MARK_COUNT) this.#marks.push({ at, sequence: this.#received })
    this.#settle()
  }

  /** The highest sequence that came. */
  get highest(): number {
    return this.#received
  }

  /** The watermark. */
  get sequence(): number {
    return this.#watermark.confirmed
  }

  /** Until when everything was received, confirmed or not. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** Until when everything is confirmed. */
  get confirmedAt(): number {
    return this.#confirmedAt
  }

  /** Whether everything received is confirmed. */
  get settled(): boolean {
    return this.#watermark.confirmed >= this.#received
  }

  #settle(): void {
    let settledCount = 0
    for (const { at, sequence } of this.#marks) {
      if (sequence > this.#watermark.confirmed) break
      this.#confirmedAt = at
      settledCount++
    }
    this.#marks.splice(0, settledCount)
  }
}
