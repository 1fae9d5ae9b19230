/**
 * The highest sequence of one session up to which everything received is confirmed: where a resume may start without
 * losing anything. It never goes back and never passes a sequence that was received and is not confirmed.
 *
 * Sequences normally arrive rising by one. A sequence that arrives again (a resume replays from the watermark while older
 * publishes are still in flight) is one fact: the first confirmation of either sighting serves.
 */
export class Watermark {
  /** Received above the watermark, in rising order, and whether each is confirmed. */
  #open = new Map<number, boolean>()
  #received: number
  #confirmed: number

  /** `start` is the sequence of the checkpoint, or 0 for a new session. */
  constructor(start = 0) {
    this.#received = start
    this.#confirmed = start
  }

  /** Must be called for each sequence before it is published. */
  received(sequence: number): void {
    if (sequence <= this.#confirmed || this.#open.has(sequence)) return
    this.#open.set(sequence, false)
    if (sequence > this.#received) this.#received = sequence
    // Never seen on a Discord socket, whose frames are in order; kept right all the same.
    else this.#open = new Map([...this.#open].sort(([a], [b]) => a - b))
  }

  /** In any order, any number of times. What was never received is ignored. */
  confirm(sequence: number): void {
    if (!this.#open.has(sequence)) return
    this.#open.set(sequence, true)
    for (const [next, confirmed] of this.#open) {
      if (!confirmed) return
      this.#open.delete(next)
      this.#confirmed = next
    }
  }

  /** The watermark. */
  get confirmed(): number {
    return this.#confirmed
  }

  /** How many are received and not yet behind the watermark. */
  get openCount(): number {
    return this.#open.size
  }
}
