import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createMemoryCheckpointStore,
  createRedisCheckpointStore,
  type DiscordSession,
  type MemoryCheckpointStore,
  type SlackRtmPresence,
} from '../src/index.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const prefix = `{ownership-${randomUUID()}}`

afterAll(async () => {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

const session: DiscordSession = {
  kind: 'discord',
  sessionId: 'f00d',
  resumeUrl: 'wss://gateway-us-east1-b.discord.gg',
  sequence: 41,
  confirmedAt: 1_767_225_600_000,
  shard: [0, 2],
  applicationId: '1090000000000000001',
  botUserId: '1090000000000000002',
}
const presence: SlackRtmPresence = {
  kind: 'slack-rtm',
  teamId: 'T1',
  botUserId: 'U1',
  caughtUpAt: 1_767_225_600_000,
}

/** In Redis it is the lease store that gives numbers out. */
function createInRedis(): MemoryCheckpointStore {
  const own = `${prefix}:${randomUUID()}`
  return {
    ...createRedisCheckpointStore(redis, own),
    fence: (unit) => redis.hincrby(`${own}:checkpoint:${unit}`, 'fence', 1),
  }
}

const implementations: [string, () => MemoryCheckpointStore][] = [
  ['in memory', createMemoryCheckpointStore],
  ['in Redis', createInRedis],
]

describe.each(implementations)('a checkpoint store %s', (_, create) => {
  let store: MemoryCheckpointStore
  beforeEach(() => {
    store = create()
  })

  test('knows nothing of a unit that was never saved', async () => {
    expect(await store.load('bastion/0')).toBeUndefined()
  })

  test('gives back what was saved, for each kind', async () => {
    const fence = await store.fence('bastion/0')
    expect(await store.save('bastion/0', fence, session)).toBe('saved')
    expect(await store.save('acme', await store.fence('acme'), presence)).toBe('saved')
    expect(await store.load('bastion/0')).toEqual(session)
    expect(await store.load('acme')).toEqual(presence)
  })

  test('keeps fields of a checkpoint that it does not know', async () => {
    const extended = { ...session, later: { nested: true } }
    await store.save('bastion/0', await store.fence('bastion/0'), extended)
    expect(await store.load('bastion/0')).toEqual(extended)
  })

  test('refuses a write of an owner after a newer one has its number, even before the newer wrote', async () => {
    const old = await store.fence('bastion/0')
    await store.save('bastion/0', old, session)
    await store.fence('bastion/0')
    expect(await store.save('bastion/0', old, { ...session, sequence: 99 })).toBe('refused')
    expect(await store.load('bastion/0')).toEqual(session)
  })

  test('takes a larger number than was given out as the newest', async () => {
    await store.save('bastion/0', 7, session)
    expect(await store.save('bastion/0', 6, session)).toBe('refused')
    expect(await store.fence('bastion/0')).toBe(8)
  })

  test('of many owners at once only the one with the newest number writes', async () => {
    const numbers = await Promise.all(Array.from({ length: 20 }, () => store.fence('bastion/0')))
    const results = await Promise.all(numbers.map((fence) => store.save('bastion/0', fence, session)))
    expect(results.filter((result) => result === 'saved')).toHaveLength(1)
  })
})

describe('a checkpoint in Redis that this version does not understand', () => {
  test.each([
    ['no JSON', 'sequence=4'],
    ['another kind', '{"kind":"irc"}'],
    ['a session without its sequence', JSON.stringify({ ...session, sequence: undefined })],
    ['a session without its instant', JSON.stringify({ ...session, confirmedAt: undefined })],
    ['a shard of another shape', JSON.stringify({ ...session, shard: 0 })],
    ['a presence without its instant', JSON.stringify({ ...presence, caughtUpAt: null })],
    ['an instant that no date has', JSON.stringify({ ...presence, caughtUpAt: -1e300 })],
  ])('reads as none: %s', async (_, text) => {
    const own = `${prefix}:${randomUUID()}`
    await redis.hset(`${own}:checkpoint:unit`, 'checkpoint', text)
    expect(await createRedisCheckpointStore(redis, own).load('unit')).toBeUndefined()
  })
})
