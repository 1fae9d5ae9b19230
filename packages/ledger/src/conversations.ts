import type { Entry } from './entry.ts'

/**
 * The order of events within their conversations, judged while it happens. An event must begin after every earlier one of
 * its conversation has ended, and must not begin again after a later one began.
 */
export class Conversations {
  /** Those that began, in the order in which they were sent. */
  readonly #begun = new Map<string, Entry[]>()
  /** How far each has come: the last sent of those that ended, and when one ended last (Unix milliseconds). */
  readonly #progress = new Map<string, { readonly n: number; readonly at: number }>()

  /** An event begins. Returns it if that is out of order. */
  begin(entry: Entry): readonly Entry[] {
    const begun = this.#of(entry)
    if (!begun) return []
    if (!entry.begun) {
      begun.splice(begun.length - countLater(begun, entry), 0, entry)
      return []
    }
    const outOfOrder = countLater(begun, entry) > 0 && !entry.late
    if (outOfOrder) entry.late = true
    return outOfOrder ? [entry] : []
  }

  /** An event ends for the first time, at an instant (Unix milliseconds). Returns the later ones that began before. */
  end(entry: Entry, at: number): readonly Entry[] {
    this.#advance(entry, at)
    const begun = this.#of(entry)
    if (!begun?.includes(entry)) return []
    const tooEarly = begun.slice(begun.length - countLater(begun, entry)).filter(({ early }) => !early)
    for (const later of tooEarly) later.early = true
    return tooEarly
  }

  /**
   * Since when nothing speaks for an event that waits (Unix milliseconds): since it was sent, or since an earlier one of
   * its conversation ended, as long as those come one after the other and it has not been passed over.
   */
  hopeEndedAt({ event: { conversation = '', n, at } }: Entry): number {
    const progress = this.#progress.get(conversation)
    return progress && progress.n < n ? Math.max(at, progress.at) : at
  }

  forget(entry: Entry): void {
    const begun = this.#of(entry)
    const place = begun?.indexOf(entry) ?? -1
    if (place >= 0) begun?.splice(place, 1)
  }

  #advance({ event: { conversation, n } }: Entry, at: number): void {
    if (conversation === undefined) return
    const before = this.#progress.get(conversation)?.n ?? n
    this.#progress.set(conversation, { n: Math.max(n, before), at })
  }

  #of({ event: { conversation } }: Entry): Entry[] | undefined {
    if (conversation === undefined) return undefined
    const known = this.#begun.get(conversation) ?? []
    this.#begun.set(conversation, known)
    return known
  }
}

/** How many of `begun` were sent after `entry`. They are at the end, and there are hardly ever any. */
function countLater(begun: readonly Entry[], { event: { n } }: Entry): number {
  let count = 0
  while ((begun[begun.length - 1 - count]?.event.n ?? -1) > n) count += 1
  return count
}
