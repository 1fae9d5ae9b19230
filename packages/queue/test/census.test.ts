import { hostname } from 'node:os'
import { pid } from 'node:process'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type CensusTaker,
  createCensusTaker,
  createRedisSink,
  createRedisSource,
  createRegistry,
  type Outcome,
  type Source,
} from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { event, freshPrefix, latch, redis } from './harness.ts'
import { CuttingProxy } from './proxy.ts'

const PATIENCE = { timeout: 10_000 }

// Who is there, as those who only watch see it.
describe('the census', () => {
  let prefix: string
  let census: CensusTaker
  let client: Redis
  let closing: (() => Promise<unknown>)[]

  beforeEach(() => {
    prefix = freshPrefix()
    census = createCensusTaker({ redis, prefix })
    client = new Redis(redis.url)
    closing = []
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
    await census.stop()
    client.disconnect()
  })

  async function work(
    workerId: string,
    run: () => Promise<Outcome> = async () => ({ kind: 'completed' }),
    place = redis,
  ): Promise<Source> {
    const source = createRedisSource({
      redis: place,
      prefix,
      workerId,
      subscription: 'all',
      concurrency: 3,
      run,
    })
    await source.start()
    closing.push(() => source.stop())
    return source
  }

  async function declare(workerId: string, handles?: readonly string[]): Promise<void> {
    const registry = createRegistry({ redis, prefix })
    closing.push(() => registry.stop())
    const wish = { workerId, subscription: 'all', patterns: ['slack.*'], order: 'conversation' } as const
    await registry.declare(handles ? { ...wish, handles } : wish)
  }

  const ids = async () => (await census.take()).workers.map(({ workerId }) => workerId)

  it('finds nobody where nobody was, and leaves no key', async () => {
    expect(await census.take()).toEqual({ subscriptions: [], workers: [], unreadable: [] })
    expect(await client.keys(`${prefix}*`)).toEqual([])
  })

  it('tells of each worker where it runs, since when, and what it handles', async () => {
    const before = Date.now()
    await work('one')
    await declare('one', ['slack.message'])
    const { workers, subscriptions } = await census.take()
    expect(workers).toEqual([
      {
        workerId: 'one',
        subscription: 'all',
        patterns: ['slack.message'],
        state: 'alive',
        lastBeatAgeMs: expect.any(Number),
        activeCount: 0,
        host: hostname(),
        pid,
        startedAt: expect.any(Number),
      },
    ])
    expect(workers[0]?.startedAt).toBeGreaterThanOrEqual(before)
    expect(subscriptions).toMatchObject([{ name: 'all', patterns: ['slack.*'], workerCount: 1 }])
  })

  it('counts the jobs that each holds, in both of its queues', async () => {
    const release = latch()
    await work('one', async () => {
      await release.promise
      return { kind: 'completed' }
    })
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    closing.push(() => sink.stop())
    const put = (id: string, interactive: boolean) =>
      sink.enqueue({ event: event(id, { interactive }), subscriptions: ['all'] })
    await Promise.all([put('a', false), put('b', false), put('c', true)])
    await vi.waitFor(async () => expect((await census.take()).workers[0]?.activeCount).toBe(3), PATIENCE)
    release.open()
    await vi.waitFor(async () => expect((await census.take()).workers[0]?.activeCount).toBe(0), PATIENCE)
  })

  it('loses a worker that leaves at once, and one that died soon, though nobody is left to judge it', async () => {
    const proxy = new CuttingProxy(redis.url)
    const place = await proxy.start()
    const leaving = await work('leaving')
    await work('dying', undefined, place)
    await declare('dying')
    expect((await ids()).sort()).toEqual(['dying', 'leaving'])
    await leaving.stop()
    expect(await ids()).toEqual(['dying'])
    await proxy.stop()
    await vi.waitFor(async () => expect(await ids()).toEqual([]), PATIENCE)
    expect((await census.take()).subscriptions).toMatchObject([{ name: 'all', workerCount: 0 }])
    expect(await client.hkeys(layout(prefix).workers), 'it strikes nobody itself').toEqual(['dying'])
  })

  it('shows one that is connected and gives no sign of life as silent', async () => {
    const names = layout(prefix)
    const registration = { workerId: 'blocked', queues: ['all', 'all.interactive'], lockOwners: ['b'] }
    await client.hset(names.workers, 'blocked', JSON.stringify(registration))
    await client.zadd(names.heartbeats, Date.now() - 20_000, 'blocked')
    expect(await ids(), 'without a connection it is dead').toEqual([])
    const own = new Redis(redis.url, { connectionName: 'holdfast:worker:blocked:scripts' })
    await own.ping()
    const [seen] = (await census.take()).workers
    expect(seen).toMatchObject({ workerId: 'blocked', state: 'silent', patterns: [], activeCount: 0 })
    expect(seen?.lastBeatAgeMs).toBeGreaterThanOrEqual(20_000)
    own.disconnect()
  })

  it('leaves garbage out, and names the declarations that it could not read', async () => {
    await declare('one')
    const names = layout(prefix)
    await client.hset(names.subscriptions, 'torn', '{', 'list', '[]', 'liar', '{"name":"all","patterns":[]}')
    await client.hset(names.workers, 'ghost', '7', 'half', '{"workerId":"half","queues":"all"}')
    await client.zadd(names.heartbeats, Date.now(), 'ghost', Date.now(), 'half', Date.now(), 'nobody')
    const { subscriptions, workers, unreadable } = await census.take()
    expect(subscriptions.map(({ name }) => name)).toEqual(['all'])
    expect(workers).toEqual([])
    expect([...unreadable].sort()).toEqual(['liar', 'list', 'torn'])
  })

  it('refuses data of another layout', async () => {
    await client.set(layout(prefix).version, '999')
    await expect(census.take()).rejects.toMatchObject({ code: 'layout' })
  })
})
