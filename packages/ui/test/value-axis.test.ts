import { expect, test } from 'vitest'
import { axisSplits, axisTop } from '../src/value-axis.ts'

test.each([
  [1, [0, 0.25, 0.5, 0.75, 1]],
  [4, [0, 1, 2, 3, 4]],
  [5, [0, 2, 4, 6, 8]],
  [10, [0, 3, 6, 9, 12]],
  [100, [0, 25, 50, 75, 100]],
  [230, [0, 60, 120, 180, 240]],
  [1_000, [0, 250, 500, 750, 1_000]],
])('an axis that must hold %d has round lines', (most, lines) => {
  expect(axisSplits(axisTop(most))).toEqual(lines)
})

test('the top holds what it must, and is at most twice as high; steps beyond 1 are whole', () => {
  for (let most = 1; most < 5_000; most += 0.7) {
    const top = axisTop(most)
    expect(top).toBeGreaterThanOrEqual(most)
    expect(top).toBeLessThanOrEqual(2 * most)
    if (most > 4) expect(Number.isInteger(top / 4)).toBe(true)
  }
})
