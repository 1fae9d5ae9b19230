import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource, type Outcome, type Source } from '../src/index.ts'
import { event, freshPrefix, Log, latch, redis } from './harness.ts'

// What we do with BullMQ's own Lua must leave what BullMQ's public API leaves. If a new version changes a key, a field or
// an event, it is here that it shows.
describe('jobs in Redis', () => {
  const client = new Redis(redis.url)
  const connection = { host: client.options.host ?? '127.0.0.1', port: client.options.port ?? 6379 }
  let prefix: string
  beforeEach(() => {
    prefix = freshPrefix()
  })
  afterAll(() => client.disconnect())

  /** Every BullMQ key of a queue, in a comparable form: times and stream ids blanked, JSON parsed. */
  async function picture(queue: string): Promise<Record<string, unknown>> {
    const keys = (await client.keys(`${prefix}:${queue}:*`)).filter((key) => !key.includes(':hf:')).sort()
    const found: Record<string, unknown> = {}
    for (const key of keys) found[key.slice(`${prefix}:${queue}:`.length)] = await value(key)
    return found
  }

  async function value(key: string): Promise<unknown> {
    switch (await client.type(key)) {
      case 'hash': {
        const { version: _version, ...fields } = await client.hgetall(key)
        const opts = fields.opts === undefined ? {} : { opts: JSON.parse(fields.opts) }
        return blank({ ...fields, ...opts })
      }
      case 'list':
        return client.lrange(key, 0, -1)
      case 'zset':
        return (await client.zrange(key, 0, -1)).sort()
      case 'stream':
        return (await client.xrange(key, '-', '+')).map(([, fields]) => blank(pairs(fields)))
      default:
        return client.get(key)
    }
  }

  const pairs = (flat: string[]) =>
    Object.fromEntries(flat.flatMap((key, at) => (at % 2 === 0 ? [[key, flat[at + 1]]] : [])))
  const TIMES = new Set(['timestamp', 'processedOn', 'finishedOn', 'pb'])
  const blank = (fields: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, each]) => [
        key,
        TIMES.has(key) || (key === 'delay' && Number(each) > 1e6) ? '(time)' : each,
      ]),
    )

  async function sinkPut(queue: string, subjects: (string | undefined)[]) {
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    for (const [n, subject] of subjects.entries())
      await sink.enqueue({
        event: event(`e.${n}`, { text: '{"n":1}', ...(subject === undefined ? {} : { subject }) }),
        subscriptions: [queue],
      })
    await sink.stop()
  }

  it('are what Queue.add makes of the same event', async () => {
    await sinkPut('ours', [undefined, 'c'])
    const queue = new Queue('theirs', { connection, prefix })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.0' })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.1', lane: 'c' } as { jobId: string })
    await queue.close()
    expect(await picture('ours')).toEqual(await picture('theirs'))
  })

  it('are what Queue.add with a delay makes of a parked one', async () => {
    await client.set(`${prefix}:ours:hf:lanes`, 1)
    await sinkPut('ours', ['c', 'c'])
    const queue = new Queue('theirs', { connection, prefix })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.0', lane: 'c' } as { jobId: string })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.1', lane: 'c', delay: 5000 } as { jobId: string })
    await queue.close()
    expect(await picture('ours')).toEqual(await picture('theirs'))
  })

  it.each<[string, Outcome, () => Promise<unknown>]>([
    ['completed', { kind: 'completed' }, async () => null],
    ['dead', { kind: 'dead', reason: 'no', stack: 'Error: no' }, async () => Promise.reject(new Error('no'))],
  ])('are left by a job that is %s as BullMQ leaves them', async (_name, outcome, processor) => {
    await sinkPut('ours', [undefined])
    const queue = new Queue('theirs', { connection, prefix })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.0' })

    const ended = latch()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'ours',
      concurrency: 1,
      run: async () => outcome,
      workerId: 'w',
    })
    await source.start()
    await expect
      .poll(
        async () =>
          (await client.lrange(`${prefix}:ours:active`, 0, -1)).length +
          (await client.llen(`${prefix}:ours:wait`)),
      )
      .toBe(0)
    await source.stop()

    const worker = new Worker('theirs', processor, {
      connection,
      prefix,
      name: 'w',
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 10_000 },
      skipStalledCheck: true,
    })
    worker.on('completed', () => ended.open())
    worker.on('failed', () => ended.open())
    await ended.promise
    await worker.close()
    await queue.close()
    const [ours, theirs] = [await picture('ours'), await picture('theirs')]
    for (const each of [ours, theirs]) {
      const job = each['e.0']
      if (typeof job === 'object' && job !== null) Reflect.deleteProperty(job, 'stacktrace')
      // A marker is a hint to sleeping workers, taken by whoever wakes first.
      Reflect.deleteProperty(each, 'marker')
    }
    expect(ours).toEqual(theirs)
  })

  it('are woken to the front as promote and changePriority would', async () => {
    await client.set(`${prefix}:ours:hf:lanes`, 1)
    await sinkPut('ours', ['c', 'c', 'd'])
    const source: Source = createRedisSource({
      redis,
      prefix,
      subscription: 'ours',
      concurrency: 1,
      workerId: 'w',
      run: async () => {
        await source.pause()
        return { kind: 'completed' }
      },
    })
    await source.start()
    await expect.poll(() => client.llen(`${prefix}:ours:wait`)).toBe(2)
    await source.stop()

    const queue = new Queue('theirs', { connection, prefix })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.0', lane: 'c' } as { jobId: string })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.1', lane: 'c', delay: 5000 } as { jobId: string })
    await queue.add('slack.message', { n: 1 }, { jobId: 'e.2', lane: 'd' } as { jobId: string })
    const worker: Worker = new Worker('theirs', () => worker.pause(true).then(() => null), {
      connection,
      prefix,
      name: 'w',
      skipStalledCheck: true,
      removeOnComplete: { count: 0 },
    })
    await new Promise((resolve) => worker.on('completed', resolve))
    await worker.close()
    const parked = await queue.getJob('e.1')
    await parked?.promote()
    await parked?.changePriority({ priority: 0, lifo: true })
    await queue.close()
    const [ours, theirs] = [await picture('ours'), await picture('theirs')]
    expect(ours.wait).toEqual(['e.2', 'e.1'])
    expect(ours).toEqual(theirs)
  })

  it('are taken by a plain BullMQ worker, which behaves as plain BullMQ does', async () => {
    await sinkPut('plain', ['c', 'c', 'c', 'd'])
    const seen = new Log<string>()
    const worker = new Worker('plain', async (job) => seen.add(`${job.id} ${JSON.stringify(job.data)}`), {
      connection,
      prefix,
    })
    await seen.reaches(4)
    await worker.close()
    expect(seen.entries).toEqual(['e.0', 'e.1', 'e.2', 'e.3'].map((id) => `${id} {"n":1}`))
    // Nobody left the lane; the next enqueue drops who has finished, so lanes of plain workers stay short.
    await sinkPut('plain', [undefined, undefined, undefined, undefined, 'c', 'c'])
    expect(await client.llen(`${prefix}:plain:hf:lane:c`)).toBeLessThanOrEqual(3)
  })

  it('run in lanes also when they were enqueued before any of our workers came', async () => {
    await sinkPut('late', ['c', 'c', 'd', 'c'])
    const log = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'late',
      concurrency: 10,
      run: async (job) => {
        log.add(`start ${job.id}`)
        await new Promise((resolve) => setImmediate(resolve))
        log.add(`end ${job.id}`)
        return { kind: 'completed' }
      },
    })
    await source.start()
    await log.reaches(8)
    await source.stop()
    const lane = log.entries.filter((line) => !line.endsWith('e.2'))
    expect(lane).toEqual(['e.0', 'e.1', 'e.3'].flatMap((id) => [`start ${id}`, `end ${id}`]))
  })

  it('go on when the head of their lane was removed by hand', async () => {
    await client.set(`${prefix}:gone:hf:lanes`, 1)
    await sinkPut('gone', ['c', 'c'])
    const queue = new Queue('gone', { connection, prefix })
    await queue.remove('e.0')
    await queue.close()
    const seen = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'gone',
      concurrency: 1,
      run: async (job) => {
        seen.add(job.id)
        return { kind: 'completed' }
      },
    })
    await source.start()
    await seen.reaches(1)
    await source.stop()
    expect(seen.entries).toEqual(['e.1'])
  })

  it('run again outside their lane when a dead letter is retried by hand', async () => {
    await sinkPut('retry', ['c', 'c'])
    const log = new Log<string>()
    const release = latch()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'retry',
      concurrency: 5,
      run: async (job) => {
        log.add(job.id)
        if (job.id === 'e.0')
          return log.entries.length === 1 ? { kind: 'dead', reason: 'first time' } : { kind: 'completed' }
        await release.promise
        return { kind: 'completed' }
      },
    })
    await source.start()
    await log.reaches(2)
    const queue = new Queue('retry', { connection, prefix })
    await (await queue.getJob('e.0'))?.retry()
    await log.reaches(3)
    release.open()
    await source.stop()
    await queue.close()
    expect(log.entries).toEqual(['e.0', 'e.1', 'e.0'])
  })
})
