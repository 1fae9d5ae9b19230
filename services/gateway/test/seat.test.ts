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

test('one loss keeps no socket from coming back while Redis is away, a second one within two minutes does', async () => {
  replica.away = true
  oust()
  open()
  expect(replica.opened).toHaveLength(1)
  oust()
  const onClose = open()
  await pass(clock, 1_000)
  expect(replica.opened).toHaveLength(1)
  expect(onClose).toHaveBeenCalledExactlyOnceWith(
    undefined,
    expect.stringContaining('Redis does not say whose'),
  )
})

test('two losses further apart than two minutes are two accidents', async () => {
  replica.away = true
  oust()
  await pass(clock, 120_050)
  oust()
  open()
  expect(replica.opened).toHaveLength(1)
})

test('a contested unit waits as long as Redis is away, and serves again when that says that it is its own', async () => {
  replica.away = true
  oust()
  oust()
  await pass(clock, 300_000)
  open()
  await pass(clock, 1_000)
  expect(replica.opened).toHaveLength(0)
  replica.away = false
  open()
  await turn()
  expect(replica.opened).toHaveLength(1)
  // What was is forgotten.
  replica.away = true
  oust()
  open()
  expect(replica.opened).toHaveLength(2)
})

test('a contested unit that another has taken is let go of when Redis answers', async () => {
  replica.away = true
  oust()
  oust()
  const seen = { fence: 1, holder: { replica: 'a', run: 'run-a' }, stillBeat: await beatOf('a') }
  expect(await leases.take('acme', { replica: 'b', run: 'run-b' }, seen, false)).toBe(2)
  replica.away = false
  const onClose = open()
  await turn()
  expect(onClose).toHaveBeenCalledExactlyOnceWith(undefined, expect.stringContaining('another gateway'))
  await pass(clock, 100)
  expect(replica.serving).toEqual([])
})

test('what was contested is forgotten once the unit is given anew', async () => {
  replica.away = true
  oust()
  oust()
  const b = { replica: 'b', run: 'run-b' }
  const seen = { fence: 1, holder: { replica: 'a', run: 'run-a' }, stillBeat: await beatOf('a') }
  expect(await leases.take('acme', b, seen, false)).toBe(2)
  replica.away = false
  await pass(clock, 2_000)
  expect(replica.serving).toEqual([])
  expect(await leases.release('acme', b, 2)).toBe(true)
  await pass(clock, 10_000)
  expect(replica.made).toHaveLength(2)
  replica.away = true
  replica.made[1]?.tools.openSocket('wss://slack.example', { onOpen() {}, onText() {}, onClose() {} })
  expect(replica.opened).toHaveLength(1)
})

test('an identify of a contested unit waits until Redis says whose it is', async () => {
  const answered = vi.fn()
  replica.away = true
  oust()
  oust()
  replica.made[0]?.tools.isOurs().then(answered)
  await pass(clock, 10_000)
  expect(answered).not.toHaveBeenCalled()
  replica.away = false
  await pass(clock, 2_000)
  expect(answered).toHaveBeenCalledExactlyOnceWith(true)
})

const oust = () => replica.made[0]?.tools.onOusted()

async function beatOf(name: string): Promise<number> {
  const { members } = await leases.read()
  return members.find((member) => member.replica === name)?.beat ?? 0
}
