import { describe, expect, test } from 'vitest'
import { formatCount, formatDuration } from '../src/format.ts'

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [840.4, '840 ms'],
    [3_240, '3.2 s'],
    [42_000, '42 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [49 * 3_600_000, '2 d 1 h'],
  ])('tells %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test.each([9_960, 59_900, 3_599_900])('never tells more of a unit than it has: %d ms', (ms) => {
    expect(formatDuration(ms)).not.toMatch(/\b(10\.0|60|1000) /)
  })
})

test('formatCount sets thousands apart', () => {
  expect(formatCount(12_480)).toBe('12,480')
})
