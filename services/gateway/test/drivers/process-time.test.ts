import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { toOwnMs, toWallAt } from '../../src/drivers/process-time.ts'

test('an instant of the wall clock is the same when it comes back', () => {
  const clock = new ManualClock()
  clock.advance(5_000)
  const at = clock.wallAt() - 123
  expect(toWallAt(clock, toOwnMs(clock, at))).toBe(at)
})

test('an instant of this process is told by the wall clock as it stands now, however that was set', () => {
  const clock = new ManualClock()
  const ownMs = clock.monotonicMs()
  clock.advance(5_000)
  clock.setWallAhead(-3_600_000)
  expect(toWallAt(clock, ownMs)).toBe(clock.wallAt() - 5_000)
})
