import { createMemoryLeaseStore, type MemoryLeaseStore } from '@holdfast/ownership'
import { ManualClock, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass, Replica } from './replica.ts'

/* The sockets of a unit ask for its lease. */

const { connections } = parseConfigText(
  'connections: [{ id: acme, platform: slack, transport: rtm, botToken: xoxb-1 }]',
)

let clock: ManualClock
let leases: MemoryLeaseStore
let replica: Replica
beforeEach(async () => {
  clock = new ManualClock()
  leases = createMemoryLeaseStore(clock)
  replica = new Replica({ leases, clock, connections })
  await replica.ownership.start()
})
afterEach(() => replica.ownership.stop(() => 0))

/** Opens a socket as its driver does. Returns what is told of its close. */
function open() {
  const onClose = vi.fn()
  replica.made[0]?.tools.openSocket('wss://slack.example', { onOpen() {}, onText() {}, onClose })
  return onClose
}
const turn = () => new Promise(setImmediate)

test('a socket of a unit that is held opens', async () => {
  const onClose = open()
  await turn()
  expect(onClose).not.toHaveBeenCalled()
  expect(replica.opened).toEqual(['wss://slack.example'])
})

test('a socket of a unit that another has taken never opens, and the unit is let go of', async () => {
  // Whoever watched it for long enough, and was right to.
  const seen = { fence: 1, holder: { replica: 'a', run: 'run-a' }, stillBeat: await beatOf('a') }
  expect(await leases.take('acme', { replica: 'b', run: 'run-b' }, seen, false)).toBe(2)
  const onClose = open()
  await turn()
  expect(onClose).toHaveBeenCalledExactlyOnceWith(undefined, expect.stringContaining('another gateway'))
  await pass(clock, 100)
  expect([replica.opened, replica.serving]).toEqual([[], []])
})

test('a Redis that does not answer within a second keeps no socket from coming back', async () => {
  leases.holds = () => new Promise(() => {})
  const onClose = open()
  await pass(clock, 950)
  expect(replica.opened).toEqual([])
  await pass(clock, 50)
  expect(replica.opened).toEqual(['wss://slack.example'])
  expect(onClose).not.toHaveBeenCalled()
})

test('a Redis that is known to be away is not asked', async () => {
  replica.away = true
  open()
  expect(replica.opened).toEqual(['wss://slack.example'])
})

async function beatOf(name: string): Promise<number> {
  const { members } = await leases.read()
  return members.find((member) => member.replica === name)?.beat ?? 0
}
