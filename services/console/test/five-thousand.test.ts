import { createRedisSink, createRedisSource, createRegistry, type Outcome } from '@holdfast/queue'
import { connectRedis, type RedisConnection } from '@holdfast/runtime'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Console } from '../src/console.ts'
import type { Depth, Sample, SubscriptionSeen } from '../src/feed.ts'
import { FeedReader } from './feed-reader.ts'
import { deleteKeys, event, freshPrefix, get, getText, latch, makeConsole, url } from './fixtures.ts'

const EVENT_COUNT = 5_000
const RETRIED = 40
const DEAD = 30
const HELD = 8
const SLEEPING = 12
const place = { redis: { url }, prefix: freshPrefix() }

type Counts = Omit<Depth, 'lagMs'>

const registry = createRegistry(place)
const sink = createRedisSink({ ...place, bounds: () => undefined })
const released = latch()
const source = createRedisSource({
  ...place,
  subscription: 'bulk',
  concurrency: HELD,
  workerId: 'worker-1',
  run: async ({ id }): Promise<Outcome> => {
    const number = Number(id.slice(id.lastIndexOf('.') + 1))
    if (id.startsWith('e.') && number < RETRIED) return { kind: 'retry', delayMs: 600_000, reason: 'busy' }
    if (id.startsWith('e.') && number < RETRIED + DEAD) return { kind: 'dead', reason: 'broken' }
    await released.promise
    return { kind: 'returned' }
  },
})
let redis: RedisConnection
let console: Console

/** What Redis itself says, from BullMQ's keys and the names in our sets, state by state. */
async function countedByHand(queue: string): Promise<Counts> {
  const base = `${place.prefix}:${queue}:`
  const now = Date.now()
  const delayed = await redis.zrange(`${base}delayed`, 0, -1)
  const due = async (set: string) => new Set(await redis.zrangebyscore(`${base}${set}`, now, '+inf'))
  const [retrying, sleeping] = [await due('hf:retrying'), await due('hf:sleeping')]
  return {
    waiting: (await redis.llen(`${base}wait`)) + (await redis.zcard(`${base}prioritized`)),
    parked: delayed.filter((id) => !retrying.has(id) && !sleeping.has(id)).length,
    active: await redis.llen(`${base}active`),
    sleeping: delayed.filter((id) => sleeping.has(id)).length,
    retrying: delayed.filter((id) => retrying.has(id)).length,
    failed: await redis.zcard(`${base}failed`),
  }
}

/** 70 conversations of one event that fail or are retried, 200 of many, and some presses of buttons. */
async function fill(): Promise<void> {
  const puts = Array.from({ length: EVENT_COUNT }, (_, index) => {
    const lane = index < RETRIED + DEAD ? `alone.${index}` : `lane.${index % 200}`
    return sink.enqueue({ event: event(`e.${index}`, { subject: lane }), subscriptions: ['bulk'] })
  })
  const presses = Array.from({ length: HELD + 5 }, (_, index) =>
    sink.enqueue({ event: event(`press.${index}`, { interactive: true }), subscriptions: ['bulk'] }),
  )
  await Promise.all([...puts, ...presses])
}

async function letSomeSleep(): Promise<void> {
  const base = `${place.prefix}:bulk:`
  const retrying = new Set(await redis.zrange(`${base}hf:retrying`, 0, -1))
  const parked = (await redis.zrange(`${base}delayed`, 0, -1)).filter((id) => !retrying.has(id))
  for (const id of parked.slice(-SLEEPING)) await redis.zadd(`${base}hf:sleeping`, Date.now() + 600_000, id)
}

beforeAll(async () => {
  redis = await connectRedis(url, { name: 'test' })
  await registry.declareFixed([{ name: 'bulk', patterns: ['slack.*'] }])
  await registry.declare({
    workerId: 'worker-1',
    subscription: 'bulk',
    patterns: ['slack.*'],
    order: 'conversation',
  })
  await Promise.all([sink.start(), source.start()])
  await fill()
  await vi.waitFor(async () => {
    const { failed, retrying, active } = await countedByHand('bulk')
    expect({ failed, retrying, active }).toEqual({ failed: DEAD, retrying: RETRIED, active: HELD })
  }, 20_000)
  await letSomeSleep()
  console = await makeConsole(place.prefix)
  await console.start()
})

afterAll(async () => {
  await console?.stop()
  released.open()
  await Promise.all([source.stop(), sink.stop(), registry.stop()])
  await redis.quit()
  await deleteKeys(place.prefix)
})

const countsOf = ({ lagMs: _, ...counts }: Depth): Counts => counts
const STATES = ['waiting', 'parked', 'active', 'sleeping', 'retrying', 'failed'] as const

describe('with 5,000 events in every state', () => {
  test('there are some of each state, or this suite compares nothing', async () => {
    const counts = await countedByHand('bulk')
    expect(counts).toMatchObject({ active: HELD, sleeping: SLEEPING, retrying: RETRIED, failed: DEAD })
    expect(counts.waiting).toBeGreaterThan(100)
    expect(counts.parked).toBeGreaterThan(4_000)
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(EVENT_COUNT)
    expect(await countedByHand('bulk.interactive')).toMatchObject({ waiting: 5, active: HELD })
  })

  test('the API says what Redis says, state by state', async () => {
    const { subscriptions } = await get<{
      subscriptions: (SubscriptionSeen & { interactiveDepth: Depth })[]
    }>(console, '/v1/subscriptions')
    expect(subscriptions.map(({ name }) => name)).toEqual(['bulk'])
    const [bulk] = subscriptions
    if (!bulk) throw new Error('no subscription')
    expect(countsOf(bulk.depth)).toEqual(await countedByHand('bulk'))
    expect(countsOf(bulk.interactiveDepth)).toEqual(await countedByHand('bulk.interactive'))
    expect(bulk).toMatchObject({ patterns: ['slack.*'], fixed: true, workerCount: 1 })
  })

  test('the lag is the age of the oldest event that could run', async () => {
    const feed = await FeedReader.open(console.address)
    const { picture } = await feed.next('hello')
    feed.close()
    const base = `${place.prefix}:bulk:`
    const held = new Set(await redis.zrange(`${base}hf:retrying`, 0, -1))
    const parked = (await redis.zrange(`${base}delayed`, 0, -1)).filter((id) => !held.has(id))
    const ids = [...(await redis.lrange(`${base}wait`, 0, -1)), ...parked]
    const stamps = await Promise.all(ids.map((id) => redis.hget(`${base}${id}`, 'timestamp')))
    const lagMs = picture.subscriptions[0]?.depth.lagMs ?? 0
    expect(lagMs).toBeGreaterThan(0)
    // Taken a moment after the ages were read: the oldest is not older than the lag says.
    expect(picture.takenAt - lagMs).toBeGreaterThanOrEqual(Math.min(...stamps.map(Number)))
  })

  test('the feed says it on connection, goes on saying it, and adds to the history', async () => {
    const feed = await FeedReader.open(console.address)
    const hello = await feed.next('hello')
    const counts = await countedByHand('bulk')
    expect(countsOf(hello.picture.subscriptions[0]?.depth ?? ({} as Depth))).toEqual(counts)
    const picture = await feed.next('picture', ({ takenAt }) => takenAt > hello.picture.takenAt)
    expect(countsOf(picture.subscriptions[0]?.depth ?? ({} as Depth))).toEqual(counts)
    const [{ subscription, sample } = { subscription: '', sample: [] as unknown as Sample }] =
      await feed.next('samples')
    expect(subscription).toBe('bulk')
    const interactive = await countedByHand('bulk.interactive')
    expect(sample.slice(1, 7)).toEqual(STATES.map((state) => counts[state] + interactive[state]))
    feed.close()
    const later = await FeedReader.open(console.address)
    expect((await later.next('hello')).history.bulk).toContainEqual(sample)
    later.close()
  })

  test('/metrics says what Redis says, state by state', async () => {
    const text = await getText(console, '/metrics')
    for (const queue of ['bulk', 'bulk.interactive'])
      for (const [state, count] of Object.entries(await countedByHand(queue)))
        expect(text).toContain(`holdfast_queue_depth{subscription="${queue}",state="${state}"} ${count}\n`)
    expect(text).toContain('holdfast_workers{subscription="bulk"} 1\n')
    expect(text).toContain('holdfast_queue_suspended{subscription="bulk"} 0\n')
    expect(text).toMatch(/holdfast_queue_lag_seconds\{subscription="bulk"\} \d/)
    expect(text).toContain('holdfast_redis_up 1\n')
  })

  test('the worker is shown with the jobs it holds, in both queues', async () => {
    const { workers } = await get<{ workers: unknown[] }>(console, '/v1/workers')
    expect(workers).toMatchObject([
      {
        workerId: 'worker-1',
        subscription: 'bulk',
        patterns: ['slack.*'],
        state: 'alive',
        activeCount: 2 * HELD,
      },
    ])
  })

  test('browsing jobs shows the event and changes nothing', async () => {
    const before = await everything()
    const paths = [
      '/jobs/',
      ...['latest', 'waiting', 'active', 'delayed', 'failed', 'prioritized'].map(
        (status) => `/jobs/api/queues?activeQueue=bulk&status=${status}&page=1&jobsPerPage=100`,
      ),
      '/jobs/api/queues?activeQueue=bulk.interactive&status=active&page=1&jobsPerPage=10',
      '/jobs/api/queues/bulk/e.4999/logs',
      '/jobs/api/queues/bulk/metrics',
      '/jobs/api/redis/stats',
    ]
    for (const path of paths) expect((await fetch(`${console.address}${path}`)).status, path).toBe(200)
    const { job, status } = await get<{ job: object; status: string }>(
      console,
      '/jobs/api/queues/bulk/e.4000',
    )
    expect(job).toMatchObject({ name: 'slack.message', data: { data: { text: 'said in e.4000' } } })
    expect(status).toBe('delayed')
    expect(await changedSince(before)).toEqual([])
  })

  test('whatever would change a job is refused, and changes nothing', async () => {
    const before = await everything()
    const refused = [
      ['PUT', 'queues/pause'],
      ['PUT', 'queues/bulk/pause'],
      ['PUT', 'queues/bulk/retry/failed'],
      ['PUT', 'queues/bulk/e.50/retry/failed'],
      ['PUT', 'queues/bulk/e.4000/promote'],
      ['PUT', 'queues/bulk/e.50/clean'],
      ['PUT', 'queues/bulk/promote'],
      ['PUT', 'queues/bulk/clean/failed'],
      ['PUT', 'queues/bulk/obliterate'],
      ['PUT', 'queues/bulk/concurrency'],
      ['POST', 'queues/bulk/add'],
      ['PATCH', 'queues/bulk/e.50/update-data'],
      ['DELETE', 'queues/bulk'],
    ] as const
    for (const [method, path] of refused) {
      const { status } = await fetch(`${console.address}/jobs/api/${path}`, { method })
      expect(status, `${method} ${path}`).toBe(405)
    }
    expect(await changedSince(before)).toEqual([])
  })
})

/** Every key and what is in it, but for the workers' signs of life, which go on. */
async function everything(): Promise<Record<string, string>> {
  const keys = (await redis.keys(`${place.prefix}*`)).filter(
    (key) => !/:hf:(heartbeats|judging|lanes|sweep)$/.test(key),
  )
  const dumps = await Promise.all(keys.sort().map(async (key) => [key, String(await redis.dump(key))]))
  return Object.fromEntries(dumps)
}

async function changedSince(before: Readonly<Record<string, string>>): Promise<string[]> {
  const after = await everything()
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter((key) => after[key] !== before[key])
}
