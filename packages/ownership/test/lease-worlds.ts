import { randomUUID } from 'node:crypto'
import { ManualClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import {
  createMemoryLeaseStore,
  createRedisLeaseNews,
  createRedisLeaseStore,
  type LeaseNews,
  type LeaseStore,
} from '../src/index.ts'

/** One deployment, as the lease store of each replica sees it. */
export interface World {
  /** The store of one replica. */
  store(): LeaseStore
  news(): LeaseNews
  /** Time goes by. */
  pass(ms: number): Promise<void>
  /** Redis comes back empty. */
  lose(): Promise<void>
}

export function memoryWorld(): World {
  const clock = new ManualClock()
  const store = createMemoryLeaseStore(clock)
  return {
    store: () => store,
    news: () => store.news(),
    pass: async (ms) => clock.advance(ms),
    lose: async () => store.lose(),
  }
}

/** Redis for a test file, under a root of its own that is emptied at the end. */
export function openRedis(): { redis: Redis; root: string; close(): Promise<void> } {
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
  const root = `{leases-${randomUUID()}}`
  return {
    redis,
    root,
    async close() {
      const keys = await redis.keys(`${root}*`)
      if (keys.length > 0) await redis.del(keys)
      await redis.quit()
    },
  }
}

export function redisWorld(redis: Redis, prefix: string): World {
  return {
    store: () => createRedisLeaseStore(redis, prefix),
    news: () => createRedisLeaseNews(redis, prefix),
    pass: (ms) => age(redis, prefix, ms),
    async lose() {
      const keys = await redis.keys(`${prefix}:*`)
      if (keys.length > 0) await redis.del(keys)
    },
  }
}

/** Redis' clock can't be moved: what is written down under it moves back instead. */
async function age(redis: Redis, prefix: string, ms: number): Promise<void> {
  await nextMillisecond(redis)
  for (const replica of await redis.zrange(`${prefix}:members`, 0, -1))
    await redis.zincrby(`${prefix}:members`, -ms, replica)
  for (const [id, text] of Object.entries(await redis.hgetall(`${prefix}:deploys`))) {
    const { sinceAt, seenAt, restUntilAt, ...deploy } = JSON.parse(text) as Record<string, number>
    const aged = { sinceAt: back(sinceAt, ms), seenAt: back(seenAt, ms), restUntilAt: back(restUntilAt, ms) }
    await redis.hset(`${prefix}:deploys`, id, JSON.stringify({ ...deploy, ...aged }))
  }
}

const back = (at = 0, ms: number) => Math.max(0, at - ms)

/** Two that are told apart by time came in different milliseconds, as they would have. */
async function nextMillisecond(redis: Redis): Promise<void> {
  const now = async () => {
    const [seconds = 0, micros = 0] = await redis.time()
    return seconds * 1_000 + Math.floor(micros / 1_000)
  }
  const begun = await now()
  while ((await now()) === begun);
}
