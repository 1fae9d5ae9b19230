import type { Clock } from '@holdfast/runtime'
import { type GapBook, OWED_BOUND } from './gap-book.ts'

interface Page {
  fence: number
  readonly owed: Map<string, { readonly text: string; readonly untilMs: number }>
  /** Until when each is remembered. */
  readonly settled: Map<string, number>
}

/** A book that lives in this process, and what tests need beside it. */
export interface MemoryGapBook extends GapBook {
  /** A new fencing number for the unit, larger than every one before, as a lease that changes hands brings it. */
  fence(unit: string): Promise<number>
}

/** The book in memory, for tests: behaves as the one in Redis, and forgets everything with the process. */
export function createMemoryGapBook(clock: Pick<Clock, 'monotonicMs'>): MemoryGapBook {
  const pages = new Map<string, Page>()

  /** As of now: what is past its window is gone. */
  function pageOf(unit: string): Page {
    const page = pages.get(unit) ?? { fence: 0, owed: new Map(), settled: new Map() }
    pages.set(unit, page)
    const nowMs = clock.monotonicMs()
    for (const [id, { untilMs }] of page.owed) if (untilMs <= nowMs) page.owed.delete(id)
    for (const [id, untilMs] of page.settled) if (untilMs <= nowMs) page.settled.delete(id)
    return page
  }

  /** Nothing where the number is an older one. */
  function writable(unit: string, fence: number): Page | undefined {
    const page = pageOf(unit)
    if (fence < page.fence) return undefined
    page.fence = fence
    return page
  }

  return {
    async fence(unit) {
      const page = pageOf(unit)
      page.fence += 1
      return page.fence
    },
    async owe(unit, fence, { id, text }, windowMs) {
      const page = writable(unit, fence)
      if (!page) return 'refused'
      if (page.owed.has(id) || page.settled.has(id)) return 'known'
      if (page.owed.size >= OWED_BOUND) return 'full'
      page.owed.set(id, { text, untilMs: clock.monotonicMs() + windowMs })
      return 'owed'
    },
    async owed(unit) {
      return [...pageOf(unit).owed].map(([id, { text }]) => ({ id, text }))
    },
    async note(unit, fence, { id, text }, windowMs) {
      const page = writable(unit, fence)
      if (!page) return 'refused'
      if (!page.owed.has(id)) return 'unknown'
      page.owed.set(id, { text, untilMs: clock.monotonicMs() + windowMs })
      return 'noted'
    },
    async settle(unit, fence, id, windowMs) {
      const page = writable(unit, fence)
      if (!page) return 'refused'
      page.settled.set(id, clock.monotonicMs() + windowMs)
      return page.owed.delete(id) ? 'noted' : 'unknown'
    },
  }
}
