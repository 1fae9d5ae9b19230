import { ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { ServedUnit } from '../src/tenure/served-unit.ts'
import { FakeDriver } from './fake-driver.ts'
import { recordingLog, unitTools } from './fixtures.ts'
import { pass } from './replica.ts'

/* A unit of which the driver can not begin: Redis refuses what it asks for, right after the unit was taken. */

const FENCE = 7

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let made: FakeDriver[]
/** What each driver was told to begin under. */
let begun: number[]
/** How many drivers can not begin. */
let refusals: number
let served: ServedUnit

beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
  made = []
  begun = []
  refusals = 1
  served = new ServedUnit({
    candidate: { unit: 'acme', connection: 'acme', provesBeside: false, makeDriver },
    ...{ publish: unitTools.publish, openSocket: unitTools.openSocket, clock, log },
    mayOpen: () => 'unasked',
    onNews: () => {},
    onOusted: () => {},
  })
})

function makeDriver(): FakeDriver {
  const driver = new FakeDriver({ connection: 'acme', platform: 'slack', transport: 'socket-mode' })
  driver.onStart = async (fence) => {
    begun.push(fence)
    if (refusals-- > 0) throw new Error('LOADING Redis is loading the dataset in memory')
  }
  made.push(driver)
  return driver
}

const WAYS = [
  ['starts', () => served.start(FENCE)],
  [
    'was prepared beside its holder',
    async () => {
      await served.arrive(FENCE - 1)
      await served.own(FENCE)
    },
  ],
] as const

describe.each(WAYS)('a unit that %s and can not begin', (_how, begin) => {
  test('says so, and begins with a new driver under the same number', async () => {
    await begin()
    expect(served.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('LOADING') })
    expect(made.map(({ graces }) => graces)).toEqual([[0]])
    await pass(clock, 1_000)
    expect([begun, made.length]).toEqual([[FENCE, FENCE], 2])
    expect(served.status()).toMatchObject({ state: 'connected' })
  })

  test('begins soon after Redis has come back, however long it was away', async () => {
    refusals = Number.POSITIVE_INFINITY
    await begin()
    await pass(clock, 250_000)
    const before = made.length
    refusals = 0
    await pass(clock, 5_000)
    expect(made).toHaveLength(before + 1)
    expect(served.status()).toMatchObject({ state: 'connected' })
  })

  test.each([
    ['yields', () => served.yield(1_000)],
    ['stops', () => served.stop(1_000)],
  ] as const)('does not begin any more once it %s', async (_end, end) => {
    await begin()
    await end()
    await pass(clock, 60_000)
    expect(made).toHaveLength(1)
    expect(clock.timerCount).toBe(0)
  })
})
