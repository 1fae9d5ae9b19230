import { ManualClock } from '@holdfast/runtime'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Offered } from '../src/journal-holdings.ts'
import type { JournalEntry } from '../src/ports.ts'
import { Spill } from '../src/spill.ts'
import { event } from './fixtures.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A journal whose disk is the test's hand. */
class HeldJournal {
  readonly writes: string[][] = []
  readonly settled: string[] = []
  room = Number.POSITIVE_INFINITY
  #answer: (() => void) | undefined
  slow = false
  fails = false

  keepAll(offered: readonly Offered[]): Promise<readonly JournalEntry[]> {
    const ids = offered.map(({ event: { id } }) => id).slice(0, this.room)
    this.writes.push(ids)
    if (this.fails) return Promise.reject(new Error('no space left'))
    const entries = ids.map((id) => ({ settle: () => void this.settled.push(id) }))
    if (!this.slow) return Promise.resolve(entries)
    return new Promise((resolve) => {
      this.#answer = () => resolve(entries)
    })
  }

  answer(): void {
    this.#answer?.()
  }

  get keptIds(): string[] {
    return this.writes.flat()
  }
}

let clock: ManualClock
let journal: HeldJournal
let spill: Spill
/** What is on its way to Redis, and how it is confirmed or refused. */
let travelling: Map<string, { confirm: () => void; fence: () => void }>
let kept: string[]
let confirmed: string[]

beforeEach(() => {
  clock = new ManualClock()
  journal = new HeldJournal()
  travelling = new Map()
  kept = []
  confirmed = []
  spill = new Spill({
    publish: ({ id }, { lease }, confirm) =>
      void travelling.set(id, { confirm, fence: () => lease?.onFenced() }),
    journal,
    clock,
  })
})

function publish(id: string): void {
  const lease = { unit: 'bastion/0', fence: 1, onFenced: () => {} }
  spill.publish(
    event(id),
    { connection: 'bastion', lease },
    () => confirmed.push(id),
    () => kept.push(id),
  )
}

async function advance(ms: number): Promise<void> {
  clock.advance(ms)
  await settled()
}

describe('what is on its way to Redis', () => {
  test('costs no write where it is confirmed within 250 ms, and leaves no timer', async () => {
    for (let n = 0; n < 100; n++) {
      publish(`e${n}`)
      await advance(50)
      travelling.get(`e${n - 3}`)?.confirm()
    }
    for (const { confirm } of travelling.values()) confirm()
    await advance(1_000)
    expect(journal.writes).toEqual([])
    expect(clock.timerCount).toBe(0)
  })

  test('goes to the disk once it is 250 ms old, all that is due in one write and in order', async () => {
    for (const id of ['e1', 'e2', 'e3']) publish(id)
    await advance(100)
    publish('e4')
    await advance(149)
    expect(journal.writes).toEqual([])
    await advance(1)
    expect(journal.writes).toEqual([['e1', 'e2', 'e3']])
    expect(kept).toEqual(['e1', 'e2', 'e3'])
    await advance(100)
    expect(journal.writes.slice(1)).toEqual([['e4']])
  })

  test('goes to the disk also after what waited was confirmed at the last look', async () => {
    publish('e1')
    await advance(240)
    travelling.get('e1')?.confirm()
    await advance(20)
    expect(journal.writes).toEqual([])
    publish('e2')
    await advance(500)
    expect(journal.writes).toEqual([['e2']])
  })

  test('is settled on the disk once Redis has it, or has refused it as another owner’s', async () => {
    for (const id of ['e1', 'e2', 'e3']) publish(id)
    await advance(250)
    travelling.get('e1')?.confirm()
    travelling.get('e2')?.fence()
    expect(journal.settled).toEqual(['e1', 'e2'])
    expect(confirmed).toEqual(['e1'])
  })

  test('is not called kept when Redis has it before the disk does', async () => {
    journal.slow = true
    publish('e1')
    publish('e2')
    await advance(250)
    travelling.get('e1')?.confirm()
    journal.answer()
    await settled()
    expect(kept).toEqual(['e2'])
    expect(journal.settled).toEqual(['e1'])
  })

  test('gathers while a slow disk writes, and goes in one write after it', async () => {
    journal.slow = true
    publish('e1')
    await advance(250)
    for (let n = 2; n < 50; n++) {
      publish(`e${n}`)
      await advance(100)
    }
    expect(journal.writes).toEqual([['e1']])
    journal.slow = false
    journal.answer()
    await settled()
    await advance(250)
    expect(journal.writes).toHaveLength(2)
    expect(kept).toHaveLength(journal.keptIds.length)
    expect(kept.length).toBeGreaterThan(40)
  })

  test('stays in memory while the disk takes nothing, and is tried again a second later', async () => {
    journal.fails = true
    publish('e1')
    await advance(250)
    await advance(999)
    expect(journal.writes).toHaveLength(1)
    publish('e2')
    journal.fails = false
    await advance(300)
    await advance(300)
    expect(kept).toEqual(['e1', 'e2'])
    expect(confirmed).toEqual([])
  })

  test('keeps its order where the journal has room for some of it only', async () => {
    journal.room = 2
    for (const id of ['e1', 'e2', 'e3', 'e4', 'e5']) publish(id)
    await advance(250)
    expect(kept).toEqual(['e1', 'e2'])
    await advance(1_100)
    expect(kept).toEqual(['e1', 'e2', 'e3', 'e4'])
  })

  test('goes to the disk at the end, whatever its age', async () => {
    publish('e1')
    await spill.stop()
    await spill.stop()
    expect(journal.writes).toEqual([['e1']])
    expect(clock.timerCount).toBe(0)
  })

  test('has no business with the disk where it may not be kept', async () => {
    spill.publish(event('e1'), { connection: 'socket' }, () => confirmed.push('e1'))
    await advance(1_000)
    expect(journal.writes).toEqual([])
    travelling.get('e1')?.confirm()
    expect(confirmed).toEqual(['e1'])
  })

  test('is written once, in the order of the calls, whatever Redis and the disk do', async () => {
    const move = fc.oneof(
      fc.constant({ kind: 'publish' as const }),
      fc.nat(400).map((ms) => ({ kind: 'advance' as const, ms })),
      fc.nat(30).map((n) => ({ kind: 'confirm' as const, n })),
      fc.boolean().map((fails) => ({ kind: 'disk' as const, fails })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 60 }), async (moves) => {
        clock = new ManualClock()
        journal = new HeldJournal()
        ;[kept, confirmed] = [[], []]
        travelling = new Map()
        spill = new Spill({
          publish: ({ id }, _, confirm) => void travelling.set(id, { confirm, fence: () => {} }),
          journal,
          clock,
        })
        let count = 0
        const age = new Map<string, number>()
        for (const step of moves) {
          if (step.kind === 'publish') {
            age.set(`e${++count}`, clock.monotonicMs())
            publish(`e${count}`)
          }
          if (step.kind === 'advance') await advance(step.ms)
          if (step.kind === 'disk') journal.fails = step.fails
          const id = step.kind === 'confirm' ? `e${step.n}` : ''
          if (travelling.has(id) && !confirmed.includes(id)) travelling.get(id)?.confirm()
        }
        journal.fails = false
        await advance(1_500)
        await advance(1_500)
        const numbers = kept.map((id) => Number(id.slice(1)))
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        for (const id of age.keys()) expect(kept.includes(id) || confirmed.includes(id)).toBe(true)
        expect(journal.settled.every((id) => confirmed.includes(id))).toBe(true)
        for (const id of confirmed) if (kept.includes(id)) expect(journal.settled).toContain(id)
      }),
      { numRuns: 60 },
    )
  })
})
