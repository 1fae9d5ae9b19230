import { parseConfigText } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { checkConfig, problemsOf } from '../src/config-check.ts'
import { canInflate } from '../src/drivers/inflater.ts'

const configOf = (compress: string) =>
  parseConfigText(`connections: [{ id: bastion, platform: discord, token: abc, compress: ${compress} }]`)

test.each(['none', 'zlib-stream'])('a connection with %s is taken', (compress) => {
  expect(() => checkConfig(configOf(compress))).not.toThrow()
})

test.skipIf(canInflate('zstd-stream'))(
  'zstd-stream is refused, in one line that says what to do, where Node can not read it',
  () => {
    expect(() => checkConfig(configOf('zstd-stream'))).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `connection "bastion": Node ${process.version} can not read zstd-stream: set \`compress: zlib-stream\`, or run Node 22.15 or newer`,
      }),
    )
  },
)

test('what it has against a configuration says where that stands', () => {
  const bad = parseConfigText(`
connections: [{ id: bastion, platform: discord, token: abc, compress: zstd-stream }]
subscriptions:
  - { name: good, events: ["slack.*"] }
  - { name: bad, events: ["slack.*", "discrd.*"] }`)
  expect(problemsOf(bad, () => false)).toEqual([
    { path: ['subscriptions', 1, 'events', 1], message: expect.stringMatching(/^subscription "bad": /) },
    { path: ['connections', 0, 'compress'], message: expect.stringMatching(/^connection "bastion": Node /) },
  ])
})

test.skipIf(!canInflate('zstd-stream'))('zstd-stream is taken where Node can read it', () => {
  expect(() => checkConfig(configOf('zstd-stream'))).not.toThrow()
})
