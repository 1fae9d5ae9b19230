import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createMembers,
  createRedisCheckpointStore,
  createRedisLeaseNews,
  createRedisLeaseStore,
  type LeaseStore,
  type MemberRecord,
  type Picture,
  type Run,
} from '../src/index.ts'
import { openRedis } from './lease-worlds.ts'

const { redis, root, close } = openRedis()
afterAll(close)

const UNIT = 'acme'
const a: Run = { replica: 'a', run: 'a-1' }
const b: Run = { replica: 'b', run: 'b-1' }
const record: MemberRecord = {
  ...a,
  deploy: 'blue',
  draining: false,
  trial: 'open',
  serves: [],
  fields: { version: '0.1.0' },
}

let prefix: string
let store: LeaseStore

beforeEach(() => {
  prefix = `${root}:${randomUUID()}`
  store = createRedisLeaseStore(redis, prefix)
})

const stored = async (unit: string) =>
  JSON.parse((await redis.hget(`${prefix}:leases`, unit)) ?? '') as Record<string, unknown>

describe('a fencing number in Redis', () => {
  test('is the one that guards the checkpoints of the unit', async () => {
    const checkpoints = createRedisCheckpointStore(redis, prefix)
    const presence = { kind: 'slack-rtm', teamId: 'T1', botUserId: 'U1', caughtUpAt: 1 } as const
    const first = (await store.take(UNIT, a, { fence: 0 }, false)) ?? 0
    expect(await checkpoints.save(UNIT, first, presence)).toBe('saved')
    await store.release(UNIT, a, first)
    expect(await checkpoints.save(UNIT, first, presence)).toBe('saved')
    await store.take(UNIT, b, { fence: first }, false)
    expect(await checkpoints.save(UNIT, first, presence)).toBe('refused')
  })

  test('goes on from what was given out before there were leases', async () => {
    const last = await redis.hincrby(`${prefix}:checkpoint:${UNIT}`, 'fence', 2)
    expect(await store.take(UNIT, a, { fence: 0 }, false)).toBe(last + 1)
    expect(await store.take('other', a, { fence: 3 }, false)).toBeUndefined()
  })

  test('goes on from what somebody without leases was given meanwhile', async () => {
    await store.take(UNIT, a, { fence: 0 }, false)
    await store.release(UNIT, a, 1)
    const last = await redis.hincrby(`${prefix}:checkpoint:${UNIT}`, 'fence', 1)
    expect(await store.take(UNIT, b, { fence: 1 }, false)).toBe(last + 1)
  })

  test('goes on from the lease where the checkpoint was lost', async () => {
    await store.take(UNIT, a, { fence: 0 }, false)
    await store.release(UNIT, a, 1)
    await redis.del(`${prefix}:checkpoint:${UNIT}`)
    expect(await store.take(UNIT, b, { fence: 1 }, false)).toBe(2)
  })

  test('of a newer holder keeps a lease that was lost from being written again', async () => {
    await store.take(UNIT, a, { fence: 0 }, false)
    await redis.del(`${prefix}:leases`)
    await redis.hset(`${prefix}:checkpoint:${UNIT}`, 'fence', 2)
    expect(await store.assert(UNIT, a, 1)).toBe(false)
  })
})

describe('what another version wrote', () => {
  test('is kept in a lease where it is not known', async () => {
    await store.take(UNIT, a, { fence: 0 }, true)
    const lease = await stored(UNIT)
    await redis.hset(`${prefix}:leases`, UNIT, JSON.stringify({ ...lease, region: { name: 'eu' } }))
    expect((await store.read()).leases).toEqual([
      { unit: UNIT, holder: a, fence: 1, sinceAt: expect.any(Number), onTrial: true },
    ])
    expect(await store.prove(UNIT, a, 1)).toBe(true)
    expect(await store.release(UNIT, a, 1)).toBe(true)
    expect(await stored(UNIT)).toMatchObject({ region: { name: 'eu' } })
  })

  test.each([
    ['no JSON', '{'],
    ['no object', '[1]'],
    ['a text', '"a"'],
    ['null', 'null'],
    ['no number', '{"holder":{"replica":"a","run":"a-1"}}'],
    ['a number that is none', '{"fence":1.5}'],
    ['a number beyond all', '{"fence":1e300}'],
    ['a holder of another shape', '{"fence":4,"holder":"a"}'],
    ['a holder that is null', '{"fence":4,"holder":null}'],
  ])('counts as a free unit under the last number where it is no lease: %s', async (_, text) => {
    await redis.hset(`${prefix}:leases`, UNIT, text)
    await redis.hset(`${prefix}:checkpoint:${UNIT}`, 'fence', 7)
    const { leases } = await store.read()
    expect(leases).toEqual([{ unit: UNIT, fence: 7, sinceAt: 0, onTrial: false }])
    expect(await store.holds(UNIT, a, 4)).toBe(false)
    expect(await store.release(UNIT, a, 7)).toBe(false)
    expect(await store.take(UNIT, a, { fence: 7 }, false)).toBe(8)
  })

  test.each([
    ['a text', '"b"'],
    ['another phase', '{"replica":"b","run":"b-1","phase":"waved"}'],
    ['null', 'null'],
  ])('is no successor: %s', async (_, successor) => {
    const text = `{"fence":1,"holder":{"replica":"a","run":"a-1"},"successor":${successor}}`
    await redis.hset(`${prefix}:leases`, UNIT, text)
    expect((await store.read()).leases).toEqual([
      { unit: UNIT, holder: a, fence: 1, sinceAt: 0, onTrial: false },
    ])
    expect(await store.ask(UNIT, b, { fence: 1, holder: a })).toBe(true)
    expect((await store.read()).leases).toMatchObject([{ successor: { ...b, phase: 'asked' } }])
  })

  test.each([
    ['no JSON', '{'],
    ['fields alone, as before there were leases', '{"version":"0.0.1"}'],
    ['no run', '{"member":{"deploy":"blue","beat":1}}'],
    ['no beat', '{"member":{"run":"x","deploy":"blue"}}'],
    ['a list', '{"member":[]}'],
  ])('is no member that holds leases: %s', async (_, text) => {
    await redis.zadd(`${prefix}:members`, 4_102_444_800_000, 'a')
    await redis.hset(`${prefix}:members:fields`, 'a', text)
    expect((await store.read()).members).toEqual([])
    expect(await store.beat(record)).toMatchObject({ members: [{ ...record, beat: 1 }] })
  })

  test('is read as far as it goes in a member', async () => {
    const member = {
      run: 'n-1',
      deploy: 'next',
      beat: 4,
      joinedAt: 'early',
      trial: 'maybe',
      serves: [1, 'acme'],
    }
    await redis.zadd(`${prefix}:members`, 4_102_444_800_000, 'n')
    await redis.hset(`${prefix}:members:fields`, 'n', JSON.stringify({ load: 3, zone: 'z', member }))
    expect((await store.read()).members).toEqual([
      {
        replica: 'n',
        run: 'n-1',
        deploy: 'next',
        beat: 4,
        draining: false,
        trial: 'open',
        serves: ['acme'],
        fields: { zone: 'z' },
      },
    ])
  })

  test('is a deploy that begins anew where it can not be read', async () => {
    await redis.hset(`${prefix}:deploys`, 'blue', '{', 'green', '[]', 'red', '{"sinceAt":1}')
    expect(await store.beat(record)).toMatchObject({
      deploys: [{ id: 'blue', strikeCount: 0 }, { id: 'red' }],
    })
  })
})

describe('a member that holds leases', () => {
  test('is not shown when its time is over, and reading changes nothing', async () => {
    await store.beat(record)
    await redis.zadd(`${prefix}:members`, 1, record.replica)
    expect((await store.read()).members).toEqual([])
    expect(await redis.hlen(`${prefix}:members:fields`)).toBe(1)
  })

  test('is listed for readers that know of none, with its texts', async () => {
    await store.beat(record)
    expect(await createMembers(redis, prefix).list()).toEqual([{ id: 'a', fields: record.fields }])
  })

  test('without fields is one too', async () => {
    await store.beat({ ...record, fields: {} })
    expect((await store.read()).members).toEqual([{ ...record, fields: {}, beat: 1 }])
  })

  test('keeps its place where a field has the name of ours', async () => {
    await store.beat({ ...record, fields: { member: 'of the band' } })
    expect((await store.read()).members).toEqual([{ ...record, fields: {}, beat: 1 }])
  })

  test('joins again with the beat that was lost on its way back', async () => {
    await store.beat(record)
    // Another store of the same process: it knows no more than one whose first reply never came.
    const unaware = createRedisLeaseStore(redis, prefix)
    expect(await unaware.beat(record)).toMatchObject({ members: [{ ...a, beat: 2 }] })
  })

  test('leaves quietly where Redis is away', async () => {
    const own = redis.duplicate({ maxRetriesPerRequest: null, retryStrategy: () => 3_600_000 })
    const leaving = createRedisLeaseStore(own, prefix)
    await leaving.beat(record)
    const closed = once(own, 'close')
    own.disconnect(true)
    await closed
    await leaving.leave(a)
    own.disconnect()
    expect((await store.read()).members).toHaveLength(1)
  })
})

describe('news of leases in Redis', () => {
  test('count a lost connection as a change once they are heard again', async () => {
    const news = createRedisLeaseNews(redis, prefix)
    let heardCount = 0
    await news.start(() => {
      heardCount += 1
    })
    const before = heardCount
    await redis.client('KILL', 'ID', await listenerId())
    await vi.waitFor(() => expect(heardCount).toBeGreaterThan(before))
    await news.stop()
  })

  test('are silent once stopped, and no connection is left', async () => {
    const news = createRedisLeaseNews(redis, prefix)
    let heardCount = 0
    await news.start(() => {
      heardCount += 1
    })
    const id = await listenerId()
    await news.stop()
    const before = heardCount
    await store.beat(record)
    await vi.waitFor(async () => expect(await clientIds()).not.toContain(id))
    expect(heardCount).toBe(before)
  })

  test('do not hold up a stop where Redis never answered', async () => {
    const nowhere = redis.duplicate({ lazyConnect: true, host: '127.0.0.1', port: 1 })
    const news = createRedisLeaseNews(nowhere, prefix)
    const started = news.start(() => {})
    await news.stop()
    await started
  })

  /** The one that listens to this test's channel is the youngest that listens at all. */
  async function listenerId(): Promise<string> {
    const lines = String(await redis.call('CLIENT', 'LIST', 'TYPE', 'PUBSUB')).split('\n')
    const ours = lines.filter((line) => line.includes('name=holdfast:ownership:watch'))
    return /^id=(\d+)/.exec(ours.at(-1) ?? '')?.[1] ?? ''
  }

  async function clientIds(): Promise<string[]> {
    return [...String(await redis.call('CLIENT', 'LIST')).matchAll(/^id=(\d+)/gm)].map(([, id]) => id ?? '')
  }
})

test('a picture of 2,000 units and 5 members has all of them, in order', async () => {
  const entries = Array.from({ length: 2_000 }, (_, index) => {
    const lease = { fence: 9, holder: { ...a, deploy: 'blue' }, sinceAt: 1_767_225_600_000, onTrial: false }
    return [`bastion/${index}`, JSON.stringify(lease)] as const
  })
  await redis.hset(`${prefix}:leases`, Object.fromEntries(entries))
  let picture: Picture | 'replaced' = 'replaced'
  for (const replica of ['e', 'd', 'c', 'b', 'a'])
    picture = await store.beat({ ...record, replica, run: `${replica}-1` })
  if (picture === 'replaced') throw new Error('replaced')
  expect(picture.members.map(({ replica }) => replica)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(picture.leases.map(({ unit }) => unit)).toEqual(entries.map(([unit]) => unit).sort())
})
