import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createQueueView,
  createRedisSink,
  createRedisSource,
  type QueueView,
  type RedisSourceOptions,
  type Sink,
  type Source,
} from '../src/index.ts'
import { Cable } from './cable.ts'
import { event, freshPrefix, Log, latch } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// Jobs that run while Redis is away, or their worker is cut off, run once; and who lost a job writes nothing over its new owner.
describe('a job that runs through an outage', () => {
  let redis: OwnRedis
  let prefix: string
  let sink: Sink
  let view: QueueView
  let sources: Source[]
  let bots: Bot[]
  let cables: Cable[]

  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  beforeEach(async () => {
    prefix = freshPrefix()
    sources = []
    bots = []
    cables = []
    sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    view = createQueueView({ redis, prefix })
    await sink.start()
  })
  afterEach(async () => {
    for (const bot of bots) bot.release.open()
    await Promise.all([...sources.map((source) => source.stop()), sink.stop(), view.stop()])
    await Promise.all(cables.map((cable) => cable.stop()))
  })
  afterAll(() => redis.close())

  const put = (id: string) => sink.enqueue({ event: event(id), subscriptions: ['all'] })

  /** What a worker did, in its own words, and how its jobs are let go on. */
  class Bot {
    readonly said = new Log<string>()
    readonly release = latch()
    readonly problems = new Log<string>()

    async start(options: Partial<RedisSourceOptions> = {}): Promise<this> {
      const source = createRedisSource({
        redis,
        prefix,
        subscription: 'all',
        concurrency: 2,
        lockMs: 1_000,
        // A worker that sweeps holds back for thrice this long, which is more than a return may take.
        sweepMs: 1_500,
        onProblem: ({ code }) => this.problems.add(code),
        run: async (job) => {
          this.said.add(`begins ${job.id}`)
          job.signal.addEventListener('abort', () => this.said.add(`${job.id}: ${job.signal.reason}`))
          await this.release.promise
          this.said.add(`${await job.recordStep('note', '1')} ${job.id}`)
          return { kind: 'completed' }
        },
        ...options,
      })
      sources.push(source)
      bots.push(this)
      await source.start()
      return this
    }
  }

  async function cableFor(delayMs = 0): Promise<{ cable: Cable; redis: { url: string } }> {
    const cable = new Cable(redis.url, delayMs)
    cables.push(cable)
    return { cable, redis: await cable.start() }
  }

  /** Resolves once the lock of the job has run out, whether Redis is there to see it or not. */
  async function lockOf(id: string): Promise<{ endsAt: number; hasRunOut(): Promise<void> }> {
    const endsAt = Number(await redis.admin.call('PEXPIRETIME', `${prefix}:all:${id}:lock`))
    return {
      endsAt,
      hasRunOut: () => expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(endsAt),
    }
  }

  const settled = () => expect.poll(() => view.depth('all').catch(() => undefined), { timeout: 40_000 })

  const OUTAGES: readonly (readonly [string, () => Promise<void> | void, () => Promise<void> | void])[] = [
    ['Redis was killed', () => redis.kill(), () => redis.restart()],
    ['Redis was frozen', () => redis.pause(), () => redis.resume()],
  ]

  it.each(OUTAGES)(
    'longer than its lock runs once, though another worker was there first: %s',
    async (_, begin, end) => {
      const way = await cableFor()
      const holder = await new Bot().start({ redis: way.redis })
      await put('e.1')
      await holder.said.reaches(1)
      const other = await new Bot().start()
      other.release.open()
      const lock = await lockOf('e.1')
      await begin()
      way.cable.cut()
      await holder.problems.reaches(1)
      await lock.hasRunOut()
      await end()
      // The other is back and works, while the holder still looks for its way.
      await put('e.other')
      await other.said.reaches(2)
      way.cable.mend()
      await expect
        .poll(() => redis.admin.exists(`${prefix}:all:e.1:lock`).catch(() => 0), { timeout: 10_000 })
        .toBe(1)
      holder.release.open()
      await settled().toMatchObject({ waiting: 0, active: 0, failed: 0 })
      const begun = [...holder.said.entries, ...other.said.entries].filter((line) =>
        line.startsWith('begins'),
      )
      expect(begun.toSorted()).toEqual(['begins e.1', 'begins e.other'])
      expect(holder.said.entries).toContain('recorded e.1')
      expect(holder.problems.entries).toEqual(['redis-away', 'redis-back'])
    },
  )

  it('is another’s after its own was cut off without a word, which then writes nothing over it', async () => {
    const way = await cableFor()
    const holder = await new Bot().start({ redis: way.redis, sweepMs: 200 })
    await put('e.1')
    await holder.said.reaches(1)
    // Neither side hears of an end: Redis holds the worker for connected. Nor do new connections come through.
    way.cable.hush()
    way.cable.block()
    const other = await new Bot().start({ sweepMs: 200 })
    await other.said.reaches(1)
    // The handler ends while nobody hears of it; its step and its end wait for Redis.
    way.cable.mend()
    await holder.said.reaches(2)
    holder.release.open()
    await holder.said.reaches(3)
    expect(holder.said.entries).toEqual(['begins e.1', 'e.1: lost-lock', 'lost-lock e.1'])
    await holder.problems.reaches(4)
    expect(holder.problems.entries).toEqual(['redis-away', 'redis-back', 'lost-lock', 'report-refused'])
    expect((await view.record('all', 'e.1'))?.outcome).toBeUndefined()
    other.release.open()
    await settled().toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect(other.said.entries).toEqual(['begins e.1', 'recorded e.1'])
    expect(await view.record('all', 'e.1')).toMatchObject({ outcome: 'completed', attempts: 1 })
  })

  it('keeps its lock over a connection that fell silent, since another is opened in time', async () => {
    const way = await cableFor()
    const holder = await new Bot().start({ redis: way.redis, lockMs: 6_000 })
    await put('e.1')
    await holder.said.reaches(1)
    const lock = await lockOf('e.1')
    const other = await new Bot().start({ lockMs: 6_000, sweepMs: 200 })
    way.cable.hush()
    await holder.problems.reaches(2)
    expect(Date.now()).toBeLessThan(lock.endsAt)
    await lock.hasRunOut()
    await put('e.2')
    holder.release.open()
    other.release.open()
    await settled().toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect(holder.problems.entries).toEqual(['redis-away', 'redis-back'])
    expect([...holder.said.entries, ...other.said.entries]).toContain('recorded e.1')
    expect([...holder.said.entries, ...other.said.entries].filter((line) => line === 'begins e.1')).toEqual([
      'begins e.1',
    ])
  })

  it.each([200, 1_000])('runs once where each command takes %i ms', { timeout: 60_000 }, async (delayMs) => {
    const way = await cableFor(delayMs)
    const ids = Array.from({ length: 2 }, (_, n) => `e.${n}`)
    for (const id of ids) await put(id)
    const slow = new Bot()
    slow.release.open()
    await slow.start({ redis: way.redis, lockMs: 30_000, sweepMs: 500, concurrency: 5 })
    await settled().toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect(slow.said.entries.toSorted()).toEqual(
      [...ids.map((id) => `begins ${id}`), ...ids.map((id) => `recorded ${id}`)].toSorted(),
    )
    expect(slow.problems.entries).toEqual([])
  })
})
