import { describe, expect, it } from 'vitest'
import { SimulatorRecord } from '../src/record.ts'
import { TestClock } from './test-clock.ts'

const fault = (name: string) => ({ kind: 'fault', platform: 'slack', fault: name }) as const

describe('record', () => {
  it('numbers entries without holes and stamps them', () => {
    const clock = new TestClock()
    const record = new SimulatorRecord(clock)
    record.write(fault('a'))
    clock.advance(5)
    record.write(fault('b'))
    const start = Date.UTC(2026, 0, 1)
    expect(record.read().entries.map(({ n, at }) => [n, at])).toEqual([
      [0, start],
      [1, start + 5],
    ])
  })

  it('pages without losing or repeating an entry', () => {
    const record = new SimulatorRecord(new TestClock())
    for (let n = 0; n < 10; n++) record.write(fault(String(n)))
    const read: number[] = []
    for (let since = 0; since < record.end; ) {
      const page = record.read({ since, limit: 3 })
      read.push(...page.entries.map(({ n }) => n))
      since = page.next
    }
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('keeps at least its bound, drops the oldest and counts them', () => {
    const record = new SimulatorRecord(new TestClock(), { bound: 10 })
    for (let n = 0; n < 100; n++) record.write(fault(String(n)))
    const { entries, droppedCount } = record.read()
    expect(entries.length).toBeGreaterThanOrEqual(10)
    expect(entries.length).toBeLessThanOrEqual(11)
    expect(droppedCount).toBe(100 - entries.length)
    expect(entries.at(-1)).toMatchObject({ n: 99, fault: '99' })
    expect(entries[0]?.n).toBe(droppedCount)
  })

  it('cuts long texts and shows it', () => {
    const record = new SimulatorRecord(new TestClock(), { textLength: 3 })
    record.write({ kind: 'event', platform: 'slack', type: 'message', text: 'abcdef', deliveredTo: [] })
    record.write({ kind: 'event', platform: 'slack', type: 'message', text: 'abc', deliveredTo: [] })
    expect(record.of('event')).toMatchObject([{ text: 'ab…' }, { text: 'abc' }])
  })

  it('lets one wait for an entry, come or coming', async () => {
    const record = new SimulatorRecord(new TestClock())
    const coming = record.until((entry) => entry.kind === 'fault' && entry.fault === 'b')
    record.write(fault('a'))
    record.write(fault('b'))
    record.write(fault('b'))
    expect(await coming).toMatchObject({ n: 1 })
    expect(await record.until((entry) => entry.kind === 'fault', 2)).toMatchObject({ n: 2 })
  })
})
