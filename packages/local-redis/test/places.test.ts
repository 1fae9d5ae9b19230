import { join } from 'node:path'
import {
  closeRedis,
  connectRedis,
  keySlot,
  openRedis,
  type RedisHome,
  redisOptions,
  Secret,
} from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type ClusterFleet, type SentinelFleet, startCluster, startSentinelFleet } from '../src/index.ts'

const folder = join(import.meta.dirname, '../../../.holdfast/redis')

function opened(home: RedisHome): Redis {
  const redis = openRedis(home, 'kelp')
  onTestFinished(() => closeRedis(redis))
  return redis
}

/** The port of the node at the other end, by its own word. */
async function portOf(redis: Redis): Promise<number> {
  return Number(/tcp_port:(\d+)/.exec(await redis.info('server'))?.[1])
}

describe('over Sentinels', () => {
  let fleet: SentinelFleet
  beforeAll(async () => {
    fleet = await startSentinelFleet({ folder, password: 'of-data', sentinelPassword: 'of-sentinels' })
  })
  afterAll(() => fleet.stop())

  const home = (changed: { name?: string; sentinelPassword?: string; password?: string } = {}): RedisHome => {
    const { name = fleet.masterName, sentinelPassword = 'of-sentinels', password = 'of-data' } = changed
    const access = { password: new Secret(password), sentinelPassword: new Secret(sentinelPassword) }
    return { redis: { sentinel: { name, nodes: fleet.sentinels, db: 2, ...access } }, prefix: '{kelp}' }
  }

  test('a connection is to the master, in the database that was asked for', async () => {
    const redis = await connectRedis(home(), { name: 'kelp' })
    onTestFinished(() => closeRedis(redis))
    expect(await portOf(redis)).toBe((await fleet.master()).port)
    expect(String(await redis.client('INFO'))).toMatch(/ name=kelp .*db=2 /)
  })

  test('one connection goes on with the new master when the old one is told to follow', async () => {
    const redis = opened(home())
    await redis.set('said', 'before')
    const next = await fleet.failOver()
    // Until it is told, the former master takes writes: they are lost.
    await fleet.untilReplicated()
    await redis.set('said', 'after')
    expect(await portOf(redis)).toBe(next.port)
    expect(await redis.get('said')).toBe('after')
  })

  test('what is asked while no master lives waits for the next one', async () => {
    const redis = opened(home())
    await redis.set('said', 'before')
    await fleet.untilReplicated()
    const former = await fleet.master()
    await former.kill()
    const said = redis.get('said')
    const next = await fleet.untilMasterChanged(former)
    expect(await said).toBe('before')
    expect(await portOf(redis)).toBe(next.port)
    await former.restart()
    await fleet.untilReplicated()
  })

  test('a sentinel that does not answer holds nobody up', async () => {
    const [dead, frozen] = fleet.sentinels
    await dead?.kill()
    frozen?.freeze()
    expect(await opened(home()).ping()).toBe('PONG')
    frozen?.thaw()
    await dead?.restart()
  })

  test('what can not work is told in one line, without a password', async () => {
    const tell = (changed: Parameters<typeof home>[0]) =>
      connectRedis(home(changed), { name: 'kelp', patienceMs: 1_000 }).catch((error: unknown) => error)
    expect(await tell({ sentinelPassword: 'hunter2' })).toMatchObject({
      code: 'redis-refused',
      message: expect.stringMatching(
        /^Redis at master "holdfast" of the sentinels at .*WRONGPASS.*in redis.sentinel$/,
      ),
    })
    expect(await tell({ password: 'hunter2' })).toMatchObject({ code: 'redis-refused' })
    expect(await tell({ name: 'kelp' })).toMatchObject({
      code: 'redis-unreachable',
      message: expect.stringMatching(
        /^Redis at master "kelp" of the sentinels at .* does not answer \(the sentinel at 127\.0\.0\.1:\d+ knows no master "kelp"\): start Redis there, or set redis\.sentinel$/,
      ),
    })
  })

  test('a connection that is closed while nobody knows a master rejects what waited, and holds no process', async () => {
    const redis = openRedis(home({ name: 'nobody' }), 'kelp')
    const asked = redis.get('said')
    await new Promise((resolve) => redis.once('reconnecting', resolve))
    closeRedis(redis)
    await expect(asked).rejects.toThrow('Connection is closed')
    expect(redis.status).toBe('end')
  })
})

describe('over a Cluster', () => {
  let cluster: ClusterFleet
  beforeAll(async () => {
    cluster = await startCluster({ folder })
  })
  afterAll(() => cluster.stop())

  const home = (prefix: string): RedisHome => {
    // One is enough to find the others.
    const nodes = cluster.nodes.slice(0, 1)
    return { redis: { cluster: { nodes } }, prefix }
  }

  test('a connection is to the owner of the slot that all keys under the prefix are in', async () => {
    for (const prefix of ['{holdfast}', '{holdfast:0}', '{holdfast:1}', '{holdfast:2}']) {
      const redis = opened(home(prefix))
      expect(await portOf(redis)).toBe((await cluster.ownerOf(prefix)).port)
      expect(await redis.set(`${prefix}:any:key`, '1')).toBe('OK')
    }
  })

  test('slots are counted as the cluster counts them', async () => {
    const redis = opened(home('{a}'))
    for (const key of ['{holdfast}:x', 'kelp', 'a{}b', '{a}{b}', 'a{b', 'é{ü}', ''])
      expect(keySlot(key)).toBe(await redis.cluster('KEYSLOT', key))
  })

  test('a connection goes on with the new owner, whether the old one was told or killed', async () => {
    const redis = opened(home('{kelp}'))
    await redis.set('{kelp}:said', 'before')
    const first = await cluster.ownerOf('{kelp}')
    const second = await cluster.replicaOf(first)
    await cluster.failOver(second)
    await redis.set('{kelp}:said', 'after')
    expect(await portOf(redis)).toBe(second.port)
    await cluster.untilHealthy()
    await second.kill()
    expect(await redis.get('{kelp}:said')).toBe('after')
    expect(await portOf(redis)).toBe(first.port)
    await second.restart()
    await cluster.untilHealthy()
  })

  test('that a server is no part of a cluster is told at once', async () => {
    const [sentinel] = [await startSentinelFleet({ folder })]
    onTestFinished(() => sentinel.stop())
    const nodes = [await sentinel.master()]
    const connecting = connectRedis(
      { redis: { cluster: { nodes } }, prefix: '' },
      { name: 'kelp', patienceMs: 20_000 },
    )
    await expect(connecting).rejects.toMatchObject({
      code: 'redis-refused',
      message: expect.stringContaining('cluster support disabled'),
    })
  })
})

test('a copy of a connection finds its own way', () => {
  const cluster = { nodes: [{ host: 'reef', port: 7_000 }], tls: true, password: new Secret('hunter2') }
  const settings = redisOptions({ redis: { cluster }, prefix: '{a}' }, 'kelp')
  expect(settings).toMatchObject({
    tls: {},
    password: 'hunter2',
    connectionName: 'kelp',
    maxRetriesPerRequest: null,
  })
  expect(Object.values(settings)).not.toContain(undefined)
})
