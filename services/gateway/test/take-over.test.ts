import { ManualClock, parseConfigText } from '@holdfast/runtime'
import { expect, test, vi } from 'vitest'
import { compareConfigs } from '../src/config-change.ts'
import { takeOver } from '../src/take-over.ts'
import { recordingLog } from './fixtures.ts'

const before = parseConfigText('connections: [{ id: a, platform: discord, token: abc }]')
const after = parseConfigText(`connections: [{ id: b, platform: discord, token: def }]
subscriptions: [{ name: chats, events: ["discord.*"] }]
gateway: { stopGrace: 500ms }`)

function surroundings(fix: () => Promise<void>) {
  const clock = new ManualClock()
  const log = recordingLog()
  const units = { change: vi.fn(async () => {}) }
  const ownership = { settle: vi.fn(async () => {}) }
  const watch = { fix: vi.fn(fix) }
  return { clock, log, units, ownership, watch }
}

test('subscriptions are declared before connections that may bring what they want', async () => {
  let declared = () => {}
  const parts = surroundings(() => new Promise((resolve) => (declared = resolve)))
  const change = compareConfigs(before, after)
  const taken = takeOver(change, after, parts)
  expect(parts.watch.fix).toHaveBeenCalledWith([
    expect.objectContaining({ name: 'chats', patterns: ['discord.*'] }),
  ])
  expect(parts.units.change).not.toHaveBeenCalled()
  declared()
  await taken
  expect(parts.units.change).toHaveBeenCalledWith(change, 500)
  expect(parts.ownership.settle, 'what came is taken').toHaveBeenCalledOnce()
  expect(parts.clock.timerCount).toBe(0)
})

test('connections do not wait for longer than five seconds for a Redis that is away', async () => {
  const parts = surroundings(() => new Promise(() => {}))
  const taken = takeOver(compareConfigs(before, after), after, parts)
  parts.clock.advance(4_999)
  await new Promise(setImmediate)
  expect(parts.units.change).not.toHaveBeenCalled()
  parts.clock.advance(1)
  await taken
  expect(parts.units.change).toHaveBeenCalledOnce()
  expect(parts.log.lines).toMatchObject([
    { level: 'warn', message: expect.stringContaining('Redis does not answer') },
  ])
})

test('subscriptions that are the same are not declared again', async () => {
  const parts = surroundings(async () => {})
  await takeOver(compareConfigs(before, { ...before, connections: after.connections }), before, parts)
  expect(parts.watch.fix).not.toHaveBeenCalled()
})
