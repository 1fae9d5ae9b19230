import { ManualClock } from '@holdfast/runtime'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlidingLog } from '../../src/drivers/sliding-log.ts'

it('whoever waits as told never makes more than the count in any span, and never waits longer than the span', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }),
      (count, pauses) => {
        const clock = new ManualClock()
        const log = new SlidingLog(clock, { count, perMs: 1_000 })
        const madeAt: number[] = []
        for (const pauseMs of pauses) {
          clock.advance(pauseMs)
          expect(log.waitMs).toBeLessThanOrEqual(1_000)
          clock.advance(log.waitMs)
          expect(log.waitMs).toBe(0)
          log.note()
          madeAt.push(clock.monotonicMs())
        }
        for (const [index, at] of madeAt.entries())
          expect(at - (madeAt[index - count] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(1_000)
      },
    ),
  )
})

it('keeps what is reserved for others', () => {
  const clock = new ManualClock()
  const log = new SlidingLog(clock, { count: 5, perMs: 1_000 })
  for (let made = 0; made < 3; made++) log.note()
  expect(log.waitMsBeside(1)).toBe(0)
  expect(log.waitMsBeside(2)).toBe(1_000)
  clock.advance(1_000)
  expect(log.waitMsBeside(2)).toBe(0)
})
