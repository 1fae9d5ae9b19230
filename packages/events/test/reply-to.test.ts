import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatReplyTo, parseReplyTo } from '../src/index.ts'

test('an address that was written is read back the same', () => {
  const address = fc.record({
    platform: fc.constantFrom('slack' as const, 'discord' as const),
    connection: fc.string({ unit: 'grapheme', minLength: 1 }),
    id: fc.string({ unit: 'grapheme', minLength: 1 }),
    acceptsPayload: fc.boolean(),
  })
  fc.assert(
    fc.property(address, (replyTo) => {
      expect(parseReplyTo(formatReplyTo(replyTo))).toEqual(replyTo)
    }),
  )
})

test.each([
  '',
  'slack/kelp',
  'irc/kelp/e-1',
  'slack/kelp/e-1/other',
  'slack//e-1',
  'slack/%/e-1',
  'slack/a/b/c/payload',
])('%j is no address', (text) => {
  expect(parseReplyTo(text)).toBeUndefined()
})

test('half a character in an id, which JSON can hold, breaks nothing', () => {
  const text = formatReplyTo({ platform: 'slack', connection: 'kelp', id: 'e-\ud83c', acceptsPayload: false })
  expect(parseReplyTo(text)?.id).toBe('e-\ufffd')
})
