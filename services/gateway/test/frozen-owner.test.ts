import { createMemoryLeaseStore, type MemoryLeaseStore } from '@holdfast/ownership'
import { type DiscordConfig, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDrivers } from '../src/driver-factory.ts'
import { UnitTenure } from '../src/tenure/unit-tenure.ts'
import type { DriverFactory } from '../src/units.ts'
import { World } from './drivers/world.ts'
import { recordingLog } from './fixtures.ts'

/* An identify is spent for good: the lease is asked for in the last moment before it. */

const ME = { replica: 'a', run: 'run-a' }
const OTHER = { replica: 'b', run: 'run-b' }
const config = parseConfigText(
  'connections: [{ id: bastion, platform: discord, token: abc, compress: none, shards: 2 }]',
)
const connection = config.connections[0] as DiscordConfig

let world: World
let leases: MemoryLeaseStore
let tenures: UnitTenure[]

/** Two shards, one of which may identify at once: the second waits for its turn, its socket open. */
beforeEach(async () => {
  world = new World()
  world.answers.set('gateway/bot', {
    url: 'wss://gateway.example',
    shards: 2,
    session_start_limit: { total: 1_000, remaining: 900, reset_after: 1, max_concurrency: 1 },
  })
  leases = createMemoryLeaseStore(world.clock)
  const drivers = createDrivers(world.deps)
  tenures = [0, 1].map((shard) => tenureOf(shard, drivers))
  for (const tenure of tenures) {
    const { unit } = tenure.candidate
    tenure.perform({ kind: 'take', unit, seen: { fence: 0 }, onTrial: false })
  }
  await settle()
  for (const socket of world.sockets) {
    socket.open()
    socket.says({ op: 10, d: { heartbeat_interval: 60_000 } })
  }
  await settle()
  expect(identifiedCount()).toBe(1)
})

afterEach(async () => {
  const ended = Promise.all(tenures.map((tenure) => tenure.end(0)))
  await settle()
  await world.advance(0)
  await ended
  expect(world.clock.timerCount).toBe(0)
})

function tenureOf(shard: number, drivers: DriverFactory): UnitTenure {
  const unit = `bastion/${shard}`
  const { publish, openSocket, clock } = world.deps
  return new UnitTenure(
    {
      unit,
      connection: 'bastion',
      shard,
      provesBeside: false,
      makeDriver: (tools) => drivers.discord(connection, shard, 2, tools),
    },
    {
      ...{ store: leases, run: ME, publish, openSocket, clock, log: recordingLog(), graceMs: 1_000 },
      redisAnswers: () => true,
      metrics: { handedOver() {}, takenOver() {}, lost() {} },
      onNews: () => {},
    },
  )
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await world.settle()
}

/** As after a freeze of the process in which others found its beat to stand still. */
async function isTaken(unit: string): Promise<void> {
  await leases.release(unit, ME, 1)
  expect(await leases.take(unit, OTHER, { fence: 1 }, false)).toBe(2)
}

const identifiedCount = () =>
  world.sockets.flatMap(({ frames }) => frames.filter(({ op }) => op === 2)).length

test('an owner whose shard waits for its permit identifies when its turn comes', async () => {
  await world.advance(5_250)
  await settle()
  expect(identifiedCount()).toBe(2)
})

test('an owner that wakes up with a shard that waits for its permit never identifies it once another has taken it', async () => {
  await isTaken('bastion/1')
  for (let turn = 0; turn < 20; turn++) await world.advance(5_250)
  expect(identifiedCount()).toBe(1)
  expect(world.counts.identifies).toBe(1)
  expect(tenures[1]?.status()).toMatchObject({
    state: 'stopped',
    why: expect.stringContaining('another gateway has taken it over'),
  })
})
