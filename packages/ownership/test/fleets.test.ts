import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  type ClusterFleet,
  type SentinelFleet,
  startCluster,
  startSentinelFleet,
} from '@holdfast/local-redis'
import { closeRedis, openRedis, type RedisPlace } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  createRedisCallBudget,
  createRedisCheckpointStore,
  createRedisLeaseNews,
  createRedisLeaseStore,
} from '../src/index.ts'
import { describeLeaseStore } from './lease-store-suite.ts'
import { redisWorld } from './lease-worlds.ts'

const folder = join(import.meta.dirname, '../../../.holdfast/redis')
const PREFIX = '{reef}'
const UNIT = 'bastion/0'
const RUN = { replica: 'a', run: 'a-1' }

/** What is stored, counted and told, before and after another server has taken over. */
async function goesThrough(redis: Redis, failOver: () => Promise<unknown>): Promise<void> {
  const own = `${PREFIX}:${randomUUID()}`
  const [leases, checkpoints] = [createRedisLeaseStore(redis, own), createRedisCheckpointStore(redis, own)]
  const [budget, news] = [createRedisCallBudget(redis, own), createRedisLeaseNews(redis, own)]
  let toldCount = 0
  await news.start(() => {
    toldCount += 1
  })
  onTestFinished(() => news.stop())
  const member = { ...RUN, deploy: 'blue', draining: false, trial: 'passed', serves: [], fields: {} } as const
  await leases.beat(member)
  expect(await leases.take(UNIT, RUN, { fence: 0 }, false)).toBe(1)
  const presence = { kind: 'slack-rtm', teamId: 'T1', botUserId: 'U1', caughtUpAt: 7 } as const
  expect(await checkpoints.save(UNIT, 1, presence)).toBe('saved')
  const rate = { burst: 1, everyMs: 3_600_000 }
  expect(await budget.take('identify', rate)).toEqual({ kind: 'granted' })
  const toldBefore = toldCount

  await failOver()

  expect(await checkpoints.load(UNIT)).toEqual(presence)
  expect(await leases.holds(UNIT, RUN, 1)).toBe(true)
  expect(await budget.take('identify', rate)).toMatchObject({ kind: 'spent' })
  // Who listens is told that something may have been missed, and of what comes.
  await expect.poll(() => toldCount).toBeGreaterThan(toldBefore)
  const toldAfter = toldCount
  await leases.release(UNIT, RUN, 1)
  await expect.poll(() => toldCount).toBeGreaterThan(toldAfter)
  expect(await checkpoints.save(UNIT, 0, presence)).toBe('refused')
}

describe('over Sentinels', () => {
  let fleet: SentinelFleet
  let redis: Redis
  beforeAll(async () => {
    fleet = await startSentinelFleet({ folder })
    redis = opened({ sentinel: { name: fleet.masterName, nodes: fleet.sentinels } })
  })
  afterAll(async () => {
    closeRedis(redis)
    await fleet.stop()
  })

  describeLeaseStore('over Sentinels', () => redisWorld(redis, `${PREFIX}:${randomUUID()}`))

  it('is what it was when the master is killed', async () => {
    const former = await fleet.master()
    await goesThrough(redis, async () => {
      await fleet.untilReplicated()
      await former.kill()
    })
  })
})

describe('over a Cluster', () => {
  let cluster: ClusterFleet
  let redis: Redis
  beforeAll(async () => {
    cluster = await startCluster({ folder })
    redis = opened({ cluster: { nodes: cluster.nodes } })
  })
  afterAll(async () => {
    closeRedis(redis)
    await cluster.stop()
  })

  describeLeaseStore('over a Cluster', () => redisWorld(redis, `${PREFIX}:${randomUUID()}`))

  it('is what it was when the node of its slot is killed', async () => {
    await goesThrough(redis, async () => {
      await cluster.untilHealthy()
      await (await cluster.ownerOf(PREFIX)).kill()
    })
  })
})

function opened(place: RedisPlace): Redis {
  return openRedis({ redis: place, prefix: PREFIX }, 'ownership')
}
