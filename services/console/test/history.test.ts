import { beforeEach, describe, expect, test } from 'vitest'
import { History } from '../src/history.ts'
import { EMPTY, picture, subscription } from './fixtures.ts'

let history: History
beforeEach(() => {
  history = new History()
})

const HOUR_S = 3_600

/** A picture each second, with so much waiting. */
function watch(seconds: number, waiting: (second: number) => number = (second) => second): void {
  for (let second = 1; second <= seconds; second++)
    history.add(
      picture({
        takenAt: second * 1_000,
        subscriptions: [subscription({ depth: { ...EMPTY, waiting: waiting(second), lagMs: second } })],
      }),
    )
}

const kept = () => history.all().commands ?? []

describe('the history of a subscription', () => {
  test('has a sample every two seconds, oldest first', () => {
    watch(9)
    expect(kept().map(([at]) => at)).toEqual([1_000, 3_000, 5_000, 7_000, 9_000])
  })

  test('counts both queues together, and the longer lag', () => {
    const depth = { waiting: 1, parked: 2, active: 3, sleeping: 4, retrying: 5, failed: 6, lagMs: 7 }
    const both = subscription({ depth, interactive: { depth: { ...depth, lagMs: 70 } } })
    const added = history.add(picture({ takenAt: 1_000, subscriptions: [both] }))
    expect(added).toEqual([{ subscription: 'commands', sample: [1_000, 2, 4, 6, 8, 10, 12, 70] }])
  })

  test('goes back an hour and no further, in a bounded number of samples, in order', () => {
    watch(5 * HOUR_S)
    const instants = kept().map(([at]) => at)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
    expect(instants.length).toBeLessThan(500)
    const back = ((instants.at(-1) ?? 0) - (instants[0] ?? 0)) / 1_000
    expect(back).toBeGreaterThan(0.95 * HOUR_S)
    expect(back).toBeLessThan(1.05 * HOUR_S)
  })

  test('loses no peak when it grows coarse', () => {
    const peakAt = 601
    watch(HOUR_S, (second) => (second === peakAt ? 9_999 : 1))
    expect(kept().filter(([, waiting]) => waiting === 9_999)).toHaveLength(1)
  })

  test('is forgotten with the subscription', () => {
    watch(10)
    history.add(picture({ takenAt: 20_000, subscriptions: [] }))
    expect(history.all()).toEqual({})
  })

  test('goes on when the clock is put back', () => {
    watch(100)
    expect(history.add(picture({ takenAt: 5_000 }))).toHaveLength(1)
  })
})
