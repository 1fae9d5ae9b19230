import type { Clock } from './clock.ts'
import type { Entry, Fact, Platform } from './facts.ts'

/** A part of the record. */
export interface RecordPage {
  readonly entries: readonly Entry[]
  /** Pass it as `since` to read on. */
  readonly next: number
  /** How many entries the bound has dropped from the beginning since the start. */
  readonly droppedCount: number
}

/** Which part. */
export interface RecordFilter {
  /** The first entry of interest; 0 by default. */
  readonly since?: number
  readonly kind?: Fact['kind']
  readonly platform?: Platform
  /** 10,000 by default. */
  readonly limit?: number
}

/** How much is kept. */
export interface RecordOptions {
  /** How many entries are kept; older ones are dropped and counted. 200,000 by default. */
  readonly bound?: number
  /** How many characters of a text are kept; a longer one ends in `…`. 200 by default. */
  readonly textLength?: number
}

type Listener = (entry: Entry) => void

/**
 * Everything that was said on the platforms' side, in order, before any deduplication by anybody: the judge of what
 * was lost, repeated or reordered. Written synchronously with the fact, never changed afterwards.
 */
export class SimulatorRecord {
  readonly #clock: Clock
  readonly #bound: number
  readonly #textLength: number
  readonly #listeners = new Set<Listener>()
  #entries: Entry[] = []
  #firstN = 0

  constructor(clock: Clock, options: RecordOptions = {}) {
    this.#clock = clock
    this.#bound = options.bound ?? 200_000
    this.#textLength = options.textLength ?? 200
  }

  /** Where the next entry will stand. */
  get end(): number {
    return this.#firstN + this.#entries.length
  }

  write(fact: Fact): void {
    const entry: Entry = { ...this.#cut(fact), n: this.end, at: this.#clock.wallAt() }
    this.#entries.push(entry)
    if (this.#entries.length > this.#bound * 1.1) this.#dropOldest()
    for (const listener of this.#listeners) listener(entry)
  }

  read(filter: RecordFilter = {}): RecordPage {
    const limit = filter.limit ?? 10_000
    const entries: Entry[] = []
    let n = Math.max(filter.since ?? 0, this.#firstN)
    for (; n < this.end && entries.length < limit; n++) {
      const entry = this.#entries[n - this.#firstN]
      if (entry && matches(entry, filter)) entries.push(entry)
    }
    return { entries, next: n, droppedCount: this.#firstN }
  }

  /** All kept entries of a kind, in order. */
  of<Kind extends Fact['kind']>(kind: Kind, since = 0): Extract<Entry, { kind: Kind }>[] {
    const isKind = (entry: Entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind
    return this.#entries.slice(Math.max(0, since - this.#firstN)).filter(isKind)
  }

  /** Calls `listener` for each entry written from now on. Returns how to stop it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves with the first entry from `since` on that `wanted` accepts, at once if it is there. Has no timeout of its own. */
  until(wanted: (entry: Entry) => boolean, since = 0): Promise<Entry> {
    const known = this.#entries.slice(Math.max(0, since - this.#firstN)).find(wanted)
    if (known) return Promise.resolve(known)
    return new Promise((resolve) => {
      const stop = this.listen((entry) => {
        if (!wanted(entry)) return
        stop()
        resolve(entry)
      })
    })
  }

  /** In slices, so that the cost of dropping is spread over many writes. */
  #dropOldest(): void {
    const dropCount = this.#entries.length - this.#bound
    this.#entries = this.#entries.slice(dropCount)
    this.#firstN += dropCount
  }

  #cut(fact: Fact): Fact {
    if (!('text' in fact) || (fact.text?.length ?? 0) <= this.#textLength) return fact
    return { ...fact, text: `${(fact.text ?? '').slice(0, this.#textLength - 1)}…` }
  }
}

function matches(entry: Entry, filter: RecordFilter): boolean {
  if (filter.kind !== undefined && entry.kind !== filter.kind) return false
  return filter.platform === undefined || entry.platform === filter.platform
}
