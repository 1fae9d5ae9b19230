import type { Entry } from './batch.ts'

/** For how long, counted back from Redis' last answer, confirmed events are kept; and at most how many, of what length. */
export interface RecentBound {
  readonly ms: number
  readonly count: number
  readonly bytes: number
}

/** A replica that is promoted may lack what its master confirmed this lately, if replication was behind. */
export const RECENT_BOUND: RecentBound = { ms: 10_000, count: 20_000, bytes: 32 * 1024 * 1024 }

interface ConfirmedBatch {
  readonly entries: readonly Entry[]
  readonly bytes: number
  readonly confirmedMs: number
}

/**
 * What Redis has confirmed lately, in order, to be sent again should another Redis take its place.
 *
 * The age of a batch is counted to the last answer of the Redis that confirmed it, not to now: while that one is silent
 * nothing grows old, however long it takes until another answers. Past the bound the oldest batches are let go.
 */
export class RecentEntries {
  readonly #bound: RecentBound
  #batches: ConfirmedBatch[] = []
  #count = 0
  #bytes = 0

  constructor(bound: RecentBound) {
    this.#bound = bound
  }

  get count(): number {
    return this.#count
  }

  /** Keeps what was just confirmed. Returns how many events it let go for it before their time. */
  add(entries: readonly Entry[], nowMs: number): number {
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    this.#batches.push({ entries, bytes, confirmedMs: nowMs })
    this.#count += entries.length
    this.#bytes += bytes
    this.answered(nowMs)
    const before = this.#count
    this.#dropWhile(() => this.#count > this.#bound.count || this.#bytes > this.#bound.bytes)
    return before - this.#count
  }

  /** The Redis that confirmed them has answered just now. */
  answered(nowMs: number): void {
    this.#dropWhile(({ confirmedMs }) => nowMs - confirmedMs > this.#bound.ms)
  }

  /** All that is kept, oldest first; from here on it is the caller's to keep. */
  takeAll(): readonly Entry[] {
    const entries = this.#batches.flatMap((batch) => batch.entries)
    this.#batches = []
    this.#count = 0
    this.#bytes = 0
    return entries
  }

  #dropWhile(isOver: (batch: ConfirmedBatch) => boolean): void {
    let dropCount = 0
    for (const batch of this.#batches) {
      if (!isOver(batch)) break
      dropCount += 1
      this.#count -= batch.entries.length
      this.#bytes -= batch.bytes
    }
    this.#batches.splice(0, dropCount)
  }
}
