import { describe, expect, it } from 'vitest'
import type { Entry } from '../src/redis/batch.ts'
import { RecentEntries } from '../src/redis/recent.ts'
import { event } from './harness.ts'

const entry = (id: string, bytes = 1): Entry => ({
  item: { event: event(id), subscriptions: ['all'] },
  token: `sink:${id}`,
  bytes,
  state: 'again',
  caller: undefined,
})
const idsOf = (recent: RecentEntries) => recent.takeAll().map(({ item }) => item.event.id)

describe('what Redis confirmed lately', () => {
  it('is kept for as long as its Redis is silent, and grows old by its answers', () => {
    const recent = new RecentEntries({ ms: 10_000, count: 100, bytes: 100 })
    recent.add([entry('e.1')], 0)
    recent.add([entry('e.2')], 5_000)
    recent.answered(10_001)
    recent.add([entry('e.3')], 14_999)
    // Nobody answers for a minute: what was confirmed before may be lost, however long ago that is.
    expect(idsOf(recent)).toEqual(['e.2', 'e.3'])
    expect(recent.count).toBe(0)
  })

  it('is bounded in count and in bytes; the oldest go first, and are counted', () => {
    const recent = new RecentEntries({ ms: 10_000, count: 3, bytes: 100 })
    expect(recent.add([entry('e.1'), entry('e.2')], 0)).toBe(0)
    expect(recent.add([entry('e.3'), entry('e.4')], 0)).toBe(2)
    expect(recent.add([entry('e.5', 99)], 0)).toBe(2)
    expect(idsOf(recent)).toEqual(['e.5'])
  })
})
