import { createMemoryCheckpointStore, type DiscordSession } from '@holdfast/ownership'
import { type DiscordConfig, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiscordShards } from '../src/discord-shards.ts'
import { createDrivers } from '../src/driver-factory.ts'
import type { ConnectionDriver } from '../src/ports.ts'
import { World } from './drivers/world.ts'
import { recordingLog, unitTools } from './fixtures.ts'

const HELLO = { op: 10, d: { heartbeat_interval: 60_000 } }

let world: World
let shards: ConnectionDriver[]

beforeEach(() => {
  world = new World()
  world.answers.set('gateway/bot', {
    url: 'wss://gateway.example',
    shards: 7,
    session_start_limit: { total: 2_000, remaining: 2_000, reset_after: 1, max_concurrency: 3 },
  })
})

afterEach(async () => {
  const stopped = Promise.all(shards.map((shard) => shard.stop(0)))
  await world.settle()
  await stopped
  expect(world.clock.timerCount).toBe(0)
})

/** A bot of seven shards, three of which may identify at once. Of `resumable` there is a session. */
async function startShards(resumable: readonly number[] = []): Promise<void> {
  const checkpoints = createMemoryCheckpointStore()
  for (const shard of resumable) await checkpoints.save(`bastion/${shard}`, 0, sessionOf(shard))
  const config = parseConfigText(
    'connections: [{ id: bastion, platform: discord, token: abc, compress: none, shards: auto }]',
  )
  const group = new DiscordShards({
    connection: config.connections[0] as DiscordConfig,
    drivers: createDrivers({ ...world.deps, checkpoints }),
    clock: world.clock,
    log: recordingLog(),
    onKnown: () => {},
    fetch: world.fetch,
  })
  await group.start()
  await world.settle()
  const { publish, openSocket } = world.deps
  shards = group.candidates.map(({ makeDriver }) => makeDriver({ ...unitTools, publish, openSocket }))
  for (const shard of shards) await shard.start(1)
  for (let turn = 0; turn < 10; turn++) await world.settle()
}

function sessionOf(shard: number): DiscordSession {
  return {
    kind: 'discord',
    sessionId: `session-${shard}`,
    resumeUrl: 'wss://resume.example',
    sequence: 1,
    confirmedAt: 0,
    shard: [shard, 7],
    applicationId: '1',
    botUserId: '2',
  }
}

/** The shards that have identified on their sockets. */
const identified = () =>
  world.sockets
    .flatMap((socket) => socket.frames.filter(({ op }) => op === 2))
    .map(({ d }) => (d as { shard: number[] }).shard[0])
    .sort()

async function greet(index: number): Promise<void> {
  world.sockets[index]?.open()
  world.sockets[index]?.says(HELLO)
  await world.settle()
}

describe('the shards of a large bot', () => {
  it('come up max_concurrency at a time, 5 s apart, and none waits for another to be connected', async () => {
    await startShards()
    expect(world.sockets).toHaveLength(7)
    for (let index = 0; index < 7; index++) await greet(index)
    expect(identified()).toEqual([0, 1, 2])
    await world.advance(5_250)
    expect(identified()).toEqual([0, 1, 2, 3, 4, 5])
    await world.advance(5_250)
    expect(identified()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('come up in order even when the sockets of the last are there first', async () => {
    await startShards()
    for (let index = 6; index > 2; index--) await greet(index)
    expect(identified()).toEqual([])
    expect(shards[6]?.status()).toMatchObject({ state: 'waiting' })
    for (let index = 2; index >= 0; index--) await greet(index)
    expect(identified()).toEqual([0, 1, 2])
    await world.advance(5_250)
    expect(identified()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('are not held up by one whose socket does not open', async () => {
    await startShards()
    for (let index = 1; index < 7; index++) await greet(index)
    expect(identified()).toEqual([1, 2])
    world.sockets[0]?.drops(1006)
    await world.settle()
    expect(identified()).toEqual([1, 2, 3])
    await world.advance(5_250)
    expect(identified()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('that have a session resume at once, without a permit', async () => {
    await startShards([0, 1, 2, 3, 4, 5, 6])
    for (let index = 0; index < 7; index++) await greet(index)
    expect(world.sockets.map((socket) => socket.frames.map(({ op }) => op))).toEqual(Array(7).fill([6]))
  })
})
