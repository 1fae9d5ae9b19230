import {
  createMemoryCallBudget,
  createMemoryCheckpointStore,
  type MemoryCheckpointStore,
} from '@holdfast/ownership'
import { createMemoryQueues } from '@holdfast/queue'
import { systemClock } from '@holdfast/runtime'
import { absences, createSimulator, type Simulator } from '@holdfast/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiscordDriver, type ShardDriver } from '../services/gateway/src/drivers/discord-driver.ts'
import { Publisher } from '../services/gateway/src/publisher.ts'
import { recordingLog, recordingMetrics } from '../services/gateway/test/fixtures.ts'

/* One shard that goes from gateway to gateway while people talk: the drivers, over real sockets; the leases are the test's. */

const UNIT = 'bastion/0'
/** Guilds, their messages, and what they say. */
const INTENTS = 1 | (1 << 9) | (1 << 15)

let simulator: Simulator
let addresses: Awaited<ReturnType<Simulator['start']>>
let drivers: ShardDriver[]
/** Ids of the messages that came onto the queue, in order. */
let queued: string[]
let duplicateCount: number
let checkpoints: MemoryCheckpointStore
const nothing = () => {}

beforeEach(async () => {
  simulator = createSimulator({ limits: 'demo' })
  addresses = await simulator.start()
  checkpoints = createMemoryCheckpointStore()
  drivers = []
  queued = []
  duplicateCount = 0
})

afterEach(async () => {
  await Promise.all(drivers.map((driver) => driver.stop(0)))
  await simulator.stop()
})

/** Publishes into a queue in memory, and takes note of what came onto it. */
function publisherInto(sink: ReturnType<typeof createMemoryQueues>['sink']): Publisher {
  const route = (type: string) => (type === 'discord.MESSAGE_CREATE' ? ['all'] : [])
  const noting = {
    unconfirmed: sink.unconfirmed,
    enqueue: async (item: Parameters<typeof sink.enqueue>[0]) => {
      const [result] = await sink.enqueue(item)
      if (result === 'enqueued') queued.push(JSON.parse(item.event.text).data.id)
      if (result === 'duplicate') duplicateCount++
      return result ? [result] : []
    },
  }
  const bound = { count: 100_000, bytes: 1e9 }
  return new Publisher({
    sink: noting,
    route,
    metrics: recordingMetrics(),
    bound,
    clock: systemClock,
    log: recordingLog(),
  })
}

function makeDriver(publisher: Publisher): ShardDriver {
  const driver = createDiscordDriver({
    publish: publisher.publish,
    wanted: () => true,
    checkpoints,
    budget: createMemoryCallBudget(systemClock),
    journal: { keep: () => Promise.reject(new Error('no disk here')) },
    metrics: {
      received: nothing,
      malformed: nothing,
      gap: nothing,
      dropped: nothing,
      withheld: nothing,
      identified: nothing,
      deaf: nothing,
      identifyBreaker: nothing,
      state: nothing,
    },
    clock: systemClock,
    log: recordingLog(),
    fetch,
    connection: 'bastion',
    apiUrl: addresses.discordApiUrl,
    token: addresses.discord.bots[0]?.token ?? '',
    intents: INTENTS,
    shard: [0, 1],
    permits: { acquire: async () => 'granted', announce: () => nothing },
  })
  drivers.push(driver)
  return driver
}

const connected = (driver: ShardDriver) =>
  expect.poll(() => driver.status().state, { timeout: 10_000, interval: 1 }).toBe('connected')

/** People who talk until they are told to end. Resolves to how many messages there were. */
function talk(): () => Promise<number> {
  const [channel] = addresses.discord.channels
  const [user] = addresses.discord.users
  let said = 0
  const timer = setInterval(() => {
    simulator.discord.say({ channel: channel?.id ?? '', user: user?.id ?? '', text: `line ${said++}` })
  }, 2)
  return async () => {
    clearInterval(timer)
    await expect.poll(() => queued.length, { timeout: 10_000 }).toBe(said)
    return said
  }
}

function idsSaid(): (string | undefined)[] {
  return simulator.record.of('event').flatMap((fact) => (fact.type === 'MESSAGE_CREATE' ? [fact.id] : []))
}

describe('a shard that is handed over', () => {
  it('five times while people talk: nothing lost, repeated or reordered, one identify, never offline', async () => {
    const publisher = publisherInto(createMemoryQueues().sink)
    let holder = makeDriver(publisher)
    await holder.start(await checkpoints.fence(UNIT))
    await connected(holder)
    const end = talk()
    for (let round = 0; round < 5; round++) {
      const successor = makeDriver(publisher)
      expect(await successor.arrive(round)).toEqual({ kind: 'arrived' })
      const countBefore = queued.length
      await expect.poll(() => queued.length, { interval: 1 }).toBeGreaterThan(countBefore + 5)
      await holder.yield(5_000)
      await successor.own(await checkpoints.fence(UNIT))
      await connected(successor)
      holder = successor
    }
    await end()
    expect(queued).toEqual(idsSaid())
    expect(duplicateCount).toBe(0)
    const { record } = simulator
    expect(record.of('identify')).toHaveLength(1)
    expect(record.of('session-end')).toEqual([])
    expect(record.of('presence').map(({ status }) => status)).toEqual(['online'])
    const away = absences(record.read({ limit: 1e6 }).entries)
    expect(away.map(({ toAt }) => toAt !== undefined)).toEqual(Array(5).fill(true))
    expect(record.of('resume').map(({ outcome }) => outcome)).toEqual(Array(5).fill('resumed'))
  })

  it('that nobody takes after it was yielded goes on where it was, under the same number', async () => {
    const publisher = publisherInto(createMemoryQueues().sink)
    const fence = await checkpoints.fence(UNIT)
    const first = makeDriver(publisher)
    await first.start(fence)
    await connected(first)
    const end = talk()
    await expect.poll(() => queued.length, { interval: 1 }).toBeGreaterThan(5)
    await first.yield(5_000)
    const again = makeDriver(publisher)
    await again.start(fence)
    await connected(again)
    await end()
    expect(queued).toEqual(idsSaid())
    expect(duplicateCount).toBe(0)
    expect(simulator.record.of('identify')).toHaveLength(1)
    expect(simulator.record.of('session-end')).toEqual([])
  })
})
