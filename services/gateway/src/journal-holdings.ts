import type { OutgoingEvent } from '@holdfast/events'
import { encodeRecord, type KeptEvent, setMark } from './journal-record.ts'
import type { Mark } from './ports.ts'

/** How much may be unsettled at one time. */
export interface JournalBound {
  readonly count: number
  readonly bytes: number
}

/** What comes in floods must not lock out what a person waits for: each has room of its own. */
export type JournalSpace = 'interactive' | 'stream'

/** An event and whose it is. */
export interface Offered {
  readonly event: OutgoingEvent
  readonly connection: string
}

interface Held {
  readonly kept: KeptEvent
  readonly space: JournalSpace
  readonly bytes: number
}

/** What a journal has to have on disk: events that are not settled, in the order in which they came, and the latest marks. */
export class JournalHoldings {
  readonly #bounds: Readonly<Record<JournalSpace, JournalBound>>
  readonly #held = new Map<number, Held>()
  readonly #used = { interactive: { count: 0, bytes: 0 }, stream: { count: 0, bytes: 0 } }
  readonly #marks = new Map<string, Mark>()
  #lastN = 0

  constructor(bounds: Readonly<Record<JournalSpace, JournalBound>>) {
    this.#bounds = bounds
  }

  /** Takes as many of the events as there is room for: the first ones. */
  take(space: JournalSpace, offered: readonly Offered[], at: number): readonly KeptEvent[] {
    const taken: KeptEvent[] = []
    for (const { event, connection } of offered) {
      // The measure of the sink: what may wait in memory finds its place here.
      const bytes = Buffer.byteLength(event.text)
      if (!this.#fits(space, bytes)) break
      const kept = { n: ++this.#lastN, connection, event, at }
      this.#held.set(kept.n, { kept, space, bytes })
      this.#count(space, 1, bytes)
      taken.push(kept)
    }
    return taken
  }

  /** Whether it was held. */
  letGo(n: number): boolean {
    const held = this.#held.get(n)
    if (!held) return false
    this.#count(held.space, -1, -held.bytes)
    return this.#held.delete(n)
  }

  mark(unit: string, mark: Mark | undefined): void {
    setMark(this.#marks, unit, mark)
  }

  markOf(unit: string): Mark | undefined {
    return this.#marks.get(unit)
  }

  /** How many events, and the bytes of their texts. */
  get unsettled(): { readonly count: number; readonly bytes: number } {
    const { interactive, stream } = this.#used
    return { count: this.#held.size, bytes: interactive.bytes + stream.bytes }
  }

  usedOf(space: JournalSpace): { readonly count: number; readonly bytes: number } {
    return this.#used[space]
  }

  /** Whether a file need hold nothing. */
  get isEmpty(): boolean {
    return this.#held.size === 0 && this.#marks.size === 0
  }

  /** All of it, as the lines of a file. */
  *lines(): Generator<Buffer> {
    for (const { kept } of this.#held.values()) yield encodeRecord({ kind: 'keep', ...kept })
    for (const [unit, mark] of this.#marks) yield encodeRecord({ kind: 'mark', unit, mark })
  }

  #fits(space: JournalSpace, bytes: number): boolean {
    const [used, bound] = [this.#used[space], this.#bounds[space]]
    return used.count < bound.count && used.bytes + bytes <= bound.bytes
  }

  #count(space: JournalSpace, count: number, bytes: number): void {
    this.#used[space].count += count
    this.#used[space].bytes += bytes
  }
}
