import { expect, test } from 'vitest'
import { readDurationMs } from '../src/duration.ts'

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('%s is a duration', (text, ms) => {
  expect(readDurationMs(text)).toBe(ms)
})

test.each(['', '5', 's', '5 s', '-5s', '5sec', '1.s', '1e3s', ' 5s'])('"%s" is none', (text) => {
  expect(readDurationMs(text)).toBeUndefined()
})
