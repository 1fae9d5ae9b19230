import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createQueueView,
  createRedisSink,
  createRedisSource,
  createRegistry,
  type QueueView,
  type Sink,
  type Source,
} from '../src/index.ts'
import { layout } from '../src/layout.ts'
import type { LanedJob } from '../src/redis/job-scripts.ts'
import { claimLayout } from '../src/redis/layout-claim.ts'
import { takeWhileFull } from '../src/redis/taker.ts'
import { ByHand } from './by-hand.ts'
import { event, freshPrefix, Log } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// A Redis that is full takes no event, but all that frees memory goes on: what is on the queues is worked off, and then what
// waits outside comes in.
describe('while Redis is full', () => {
  let redis: OwnRedis
  let prefix: string
  let sink: Sink
  let view: QueueView
  let sources: Source[]

  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  beforeEach(async () => {
    prefix = freshPrefix()
    sources = []
    sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    view = createQueueView({ redis, prefix })
    await sink.start()
    await claimLayout(redis.admin, prefix)
    await redis.admin.config('RESETSTAT')
  })
  afterEach(async () => {
    await redis.leaveRoom(0)
    await Promise.all([...sources.map((source) => source.stop()), sink.stop(), view.stop()])
  })
  afterAll(() => redis.close())

  const LANES = 7
  const filling = 'x'.repeat(10_000)
  /** Each a little heavy, over a few conversations. */
  const put = (n: number) =>
    sink.enqueue({
      event: event(`e.${n}`, { subject: `c${n % LANES}`, text: JSON.stringify({ n, filling }) }),
      subscriptions: ['all'],
    })

  /** Enqueues until Redis refuses, and a hundred more, which wait. */
  async function fill(): Promise<Promise<unknown>[]> {
    const refused = expect
      .poll(() => redis.admin.info('errorstats'), { timeout: 20_000 })
      .toContain('errorstat_OOM:')
      .then(() => 'refused' as const)
    const given: Promise<unknown>[] = []
    for (;;) {
      const last = put(given.length)
      given.push(last)
      if (given.length % 20 === 0 && (await Promise.race([last, refused])) === 'refused') break
    }
    for (let n = 0; n < 100; n += 1) given.push(put(given.length))
    return given
  }

  async function work(concurrency = 5): Promise<Log<string>> {
    const handled = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency,
      run: async (job) => {
        handled.add(job.id)
        await job.recordStep('note', '1')
        return { kind: 'completed' }
      },
    })
    sources.push(source)
    await source.start()
    return handled
  }

  it('a worker that starts only now works everything off, and what waited outside comes in, once and in order', async () => {
    await redis.leaveRoom(3_000_000)
    const given = await fill()
    expect(sink.unconfirmed.count).toBeGreaterThanOrEqual(100)
    const handled = await work()
    await Promise.all(given)
    await handled.reaches(given.length)
    await expect.poll(() => view.depth('all')).toMatchObject({ waiting: 0, parked: 0, active: 0, failed: 0 })
    expect(new Set(handled.entries).size).toBe(handled.entries.length)
    for (let lane = 0; lane < LANES; lane += 1) {
      const numbers = handled.entries.map((id) => Number(id.slice(2))).filter((n) => n % LANES === lane)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  it('a bot may say what it wants, and take back its word', async () => {
    const registry = createRegistry({ redis, prefix })
    await redis.admin.config('SET', 'maxmemory', 1)
    const wish = { workerId: 'w', subscription: 'all', patterns: ['slack.*'], order: 'conversation' } as const
    await registry.declare(wish)
    expect(await registry.wishers('all')).toEqual([wish])
    await registry.withdraw('w')
    expect(await registry.wishers('all')).toEqual([])
    await registry.stop()
  })

  it('every move of a job is taken, and so are renewals and sweeps', async () => {
    const hand = new ByHand(redis)
    await hand.start()
    const moves = ['complete', 'retry', 'pass', 'bury', 'give back', 'leave', 'lost'] as const
    for (const id of moves) await hand.put(id.replace(' ', '-'), `c.${id}`)
    const scripts = hand.scripts('w')
    await redis.admin.zadd(hand.heartbeats, 1, 'w')
    await redis.admin.config('SET', 'maxmemory', 1)
    const held = new Map<string, LanedJob>()
    for (const id of moves) {
      const job = await hand.take('w')
      expect(job.jobId).toBe(id.replace(' ', '-'))
      expect((await scripts.begin(job)).kind).toBe('run')
      held.set(id, job)
    }
    const of = (id: (typeof moves)[number]) => held.get(id) ?? expect.fail(id)
    expect(await hand.renew('w', of('complete'))).toEqual([])
    expect(await scripts.recordStep(of('complete'), 'note', '1')).toBeGreaterThan(0)
    expect(await scripts.complete(of('complete'))).toBe(true)
    expect(await scripts.retry(of('retry'), 60_000)).toBe(true)
    expect(await scripts.pass(of('pass'), 60_000)).toBe(true)
    expect(await scripts.mark(of('bury'), 'alone')).toBe(true)
    expect(await scripts.bury(of('bury'), 'no', undefined, 10)).toBe(true)
    expect(await scripts.giveBack(of('give back'))).toBe(true)
    expect(await scripts.leaveLane(of('leave'))).toBe(true)
    await redis.admin.del(`${hand.base}lost:lock`)
    await hand.sweep(0)
    expect(await hand.sweep(0)).toEqual([['lost'], []])
    expect(await hand.reclaim('w')).toEqual([['leave'], []])
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 3, retrying: 2, active: 0, failed: 1 })
    expect((await redis.admin.info('errorstats')).includes('OOM')).toBe(false)
    await hand.stop()
  })

  it('a worker says that it lives, and goes out of the books', async () => {
    await redis.admin.config('SET', 'maxmemory', 1)
    await work()
    const { heartbeats, workers } = layout(prefix)
    expect(await redis.admin.zcard(heartbeats)).toBe(1)
    await sources[0]?.stop()
    expect(await redis.admin.zcard(heartbeats)).toBe(0)
    expect(await redis.admin.hlen(workers)).toBe(0)
  })

  it('a version of BullMQ that takes jobs by another name is noticed at once', () => {
    const client = { defineCommand: () => expect.unreachable() }
    expect(() => takeWhileFull(client)).toThrow(expect.objectContaining({ code: 'bullmq' }))
  })
})
