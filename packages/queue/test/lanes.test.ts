import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource, type Outcome, type TakenJob } from '../src/index.ts'
import { event, freshPrefix, Log, redis } from './harness.ts'

const done: Outcome = { kind: 'completed' }

// Events of a conversation run in order, one at a time; and what that may cost.
describe('lanes on Redis', () => {
  const client = new Redis(redis.url)
  const connection = { host: client.options.host ?? '127.0.0.1', port: client.options.port ?? 6379 }
  const prefixes: string[] = []
  const newPrefix = () => {
    const prefix = freshPrefix()
    prefixes.push(prefix)
    return prefix
  }
  afterEach(async () => {
    for (const prefix of prefixes.splice(0)) {
      for await (const keys of client.scanStream({
        match: `${prefix.replaceAll('{', '\\{')}:*`,
        count: 1000,
      }))
        if (keys.length > 0) await client.unlink(...(keys as string[]))
    }
  })
  afterAll(() => client.disconnect())

  async function fill(prefix: string, items: readonly { id: string; subject: string }[]) {
    // The subscription is one that our workers take, so what has to wait is parked from the start.
    await client.set(`${prefix}:all:hf:lanes`, 1)
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    await Promise.all(
      items.map(({ id, subject }) => sink.enqueue({ event: event(id, { subject }), subscriptions: ['all'] })),
    )
    await sink.stop()
  }

  async function work(prefix: string, concurrency: number, run: (job: TakenJob) => Promise<Outcome>) {
    const source = createRedisSource({ redis, prefix, subscription: 'all', concurrency, run })
    await source.start()
    return source
  }

  it('run the second event of a conversation before one in a hundred of 40,000 younger events', async () => {
    const prefix = newPrefix()
    const hot = Array.from({ length: 20 }, (_, n) => ({ id: `hot.${n}`, subject: 'hot' }))
    const others = Array.from({ length: 40_000 }, (_, n) => ({ id: `young.${n}`, subject: `other.${n}` }))
    await fill(prefix, [...hot, ...others])
    const started = new Log<string>()
    const source = await work(prefix, 10, async (job) => {
      started.add(job.id)
      return done
    })
    await started.reaches(1_000)
    await source.stop()
    const places = hot.map(({ id }) => started.entries.indexOf(id))
    expect(places.slice(0, 2)).not.toContain(-1)
    expect(places[1]).toBeLessThan(400)
    expect([...places].sort((a, b) => a - b)).toEqual(places)
  }, 60_000)

  it('drain a lane of 5,000 at no less than a fifth of the rate of a plain BullMQ worker', async () => {
    const ids = Array.from({ length: 5_000 }, (_, n) => `e.${n}`)
    const plainMs = await drainPlain(ids)
    const laneMs = await drainLane(ids)
    console.log(
      `a lane of 5,000: ${rate(laneMs)}/s, plain worker of concurrency 1: ${rate(plainMs)}/s, ratio ${(plainMs / laneMs).toFixed(2)}`,
    )
    expect(plainMs / laneMs).toBeGreaterThanOrEqual(0.2)
  }, 60_000)

  const rate = (ms: number) => Math.round(5_000_000 / ms)

  async function drainLane(ids: readonly string[]): Promise<number> {
    const prefix = newPrefix()
    await fill(
      prefix,
      ids.map((id) => ({ id, subject: 'hot' })),
    )
    const started = new Log<string>()
    const beganMs = performance.now()
    const source = await work(prefix, 10, async (job) => {
      started.add(job.id)
      return done
    })
    await started.reaches(ids.length)
    const ms = performance.now() - beganMs
    await source.stop()
    expect(started.entries).toEqual(ids)
    return ms
  }

  async function drainPlain(ids: readonly string[]): Promise<number> {
    const prefix = newPrefix()
    const queue = new Queue('plain', { connection, prefix })
    await queue.addBulk(
      ids.map((id) => ({ name: 'slack.message', data: { id, data: { id } }, opts: { jobId: id } })),
    )
    const started = new Log<string>()
    const beganMs = performance.now()
    const worker = new Worker('plain', async (job) => started.add(job.id ?? ''), {
      connection,
      prefix,
      concurrency: 1,
      removeOnComplete: { count: 0 },
    })
    await started.reaches(ids.length)
    const ms = performance.now() - beganMs
    await worker.close()
    await queue.close()
    return ms
  }

  it('keep the order of 200 conversations over four workers that drain and are replaced', async () => {
    const prefix = newPrefix()
    const items = Array.from({ length: 4_000 }, (_, n) => ({ id: `e.${n}`, subject: `c.${n % 200}` }))
    await fill(prefix, items)
    const starts = new Log<string>()
    const ends = new Log<string>()
    const inside = new Map<string, number>()
    let overlaps = 0
    const run = async (job: TakenJob): Promise<Outcome> => {
      const subject = `c.${Number(job.id.slice(2)) % 200}`
      inside.set(subject, (inside.get(subject) ?? 0) + 1)
      if ((inside.get(subject) ?? 0) > 1) overlaps++
      starts.add(job.id)
      await new Promise((resolve) => setImmediate(resolve))
      inside.set(subject, (inside.get(subject) ?? 0) - 1)
      if (job.signal.aborted) return { kind: 'returned' }
      ends.add(job.id)
      return done
    }
    let workers = await Promise.all([1, 2, 3, 4].map(() => work(prefix, 10, run)))
    for (const target of [800, 1_600, 2_400]) {
      await ends.reaches(target)
      const fresh = await work(prefix, 10, run)
      const [oldest, ...rest] = workers
      await oldest?.pause()
      oldest?.abort()
      await oldest?.stop()
      workers = [...rest, fresh]
    }
    await ends.reaches(items.length)
    await Promise.all(workers.map((worker) => worker.stop()))
    expect(overlaps).toBe(0)
    expect(ends.entries.length).toBe(items.length)
    for (let c = 0; c < 200; c++) {
      const lane = ends.entries.map((id) => Number(id.slice(2))).filter((n) => n % 200 === c)
      expect(lane).toEqual([...lane].sort((a, b) => a - b))
    }
  }, 60_000)
})
