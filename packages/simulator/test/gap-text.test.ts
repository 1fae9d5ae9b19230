import { expect, test } from 'vitest'
import { gapText } from '../page/state/gap-text.ts'

const second = (at: number) => `12:00:0${at / 1_000}`

test('a gap says of which platform messages may be missing, and of when', () => {
  expect(gapText({ platform: 'slack', at: 1_000, endedAt: 4_000 }, second)).toBe(
    'Slack: messages from 12:00:01 to 12:00:04 may be missing; the bot was told',
  )
})

test('a gap without an end or a platform says what is known', () => {
  expect(gapText({ at: 1_000 }, second)).toBe('Messages since 12:00:01 may be missing; the bot was told')
})
