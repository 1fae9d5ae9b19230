import type { Answer } from './batch.ts'

/** What became of the confirmed events that were sent again to another Redis. */
export interface Readded {
  /** How many were sent again. */
  readonly sentCount: number
  /** How many of them were missing and are on a queue again; one that was missing in two counts twice. */
  readonly addedCount: number
  /** How many were missing, and were refused because another gateway publishes for their unit by now. */
  readonly fencedCount: number
}

const NOTHING: Readded = { sentCount: 0, addedCount: 0, fencedCount: 0 }

/** Counts what becomes of events that are sent again, from the first of them to the last. */
export class Readding {
  #pendingCount = 0
  #found = NOTHING

  /** How many are not answered yet. */
  get pendingCount(): number {
    return this.#pendingCount
  }

  /** So many more are to be sent again: those of a change during which Redis changed once more come twice. */
  begin(count: number): void {
    this.#pendingCount += count
    this.#found = { ...this.#found, sentCount: this.#found.sentCount + count }
  }

  /** One of them is answered. Returns the sum once it was the last. */
  answered({ addedCount, confirmation }: Answer): Readded | undefined {
    this.#pendingCount -= 1
    const fencedCount = confirmation.filter((result) => result === 'fenced').length
    this.#found = {
      sentCount: this.#found.sentCount,
      addedCount: this.#found.addedCount + addedCount,
      fencedCount: this.#found.fencedCount + fencedCount,
    }
    if (this.#pendingCount > 0) return undefined
    const sum = this.#found
    this.#found = NOTHING
    return sum
  }
}
