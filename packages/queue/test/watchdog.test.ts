import { ManualClock } from '@holdfast/runtime'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQueueView, createRedisSink, createRedisSource, type SourceProblem } from '../src/index.ts'
import { Watchdog, type Watched } from '../src/redis/watchdog.ts'
import { event, freshPrefix, Log, latch, redis } from './harness.ts'

const client = () => new Redis(redis.url)

describe('the watchdog of a worker', () => {
  const connection = client()
  let prefix: string
  let taker: { queue: string; takenCount: number; hasFreeSlot: boolean }
  let told: string[]
  let clock: ManualClock
  let watchdog: Watchdog<Watched>
  const sink = () => createRedisSink({ redis, prefix, bounds: () => undefined })
  beforeEach(async () => {
    prefix = freshPrefix()
    taker = { queue: 'all', takenCount: 0, hasFreeSlot: true }
    told = []
    clock = new ManualClock(Date.now())
    watchdog = new Watchdog({
      redis: connection,
      prefix,
      takers: [taker],
      clock,
      onIdle: async () => void told.push('idle'),
      onHopeless: () => told.push('hopeless'),
    })
  })
  afterEach(() => vi.restoreAllMocks())

  async function put(...ids: string[]): Promise<void> {
    const way = sink()
    await way.start()
    for (const id of ids) await way.enqueue({ event: event(id, { subject: 'c' }), subscriptions: ['all'] })
    await way.stop()
  }

  async function looks(count: number): Promise<void> {
    for (let look = 0; look < count; look += 1) await watchdog.look()
  }

  it('has it replaced when it takes nothing of what waits, and gives up when that does not help', async () => {
    await put('e.1')
    await looks(5)
    expect(told).toEqual([])
    await looks(1)
    expect(told).toEqual(['idle'])
    await looks(12)
    expect(told).toEqual(['idle', 'idle', 'idle'])
    await looks(30)
    expect(told).toEqual(['idle', 'idle', 'idle', 'hopeless'])
  })

  it('begins anew when that helped', async () => {
    await put('e.1')
    for (let round = 0; round < 5; round += 1) {
      await looks(12)
      taker.takenCount += 1
      await looks(1)
    }
    expect(told).toEqual(Array.from({ length: 10 }, () => 'idle'))
  })

  it('finds jobs that nobody fetches although their time has come', async () => {
    await connection.zadd(`${prefix}:all:delayed`, (Date.now() - 60_000) * 0x1000, 'e.due')
    await looks(6)
    expect(told).toEqual(['idle'])
  })

  it.each<readonly [string, () => unknown]>([
    ['nothing waits', () => {}],
    [
      'all that waits is parked',
      () => connection.zadd(`${prefix}:all:delayed`, (Date.now() + 5_000) * 0x1000, 'e.2'),
    ],
    [
      'a parked one has just come due',
      () => connection.zadd(`${prefix}:all:delayed`, Date.now() * 0x1000, 'e.2'),
    ],
    ['the queue is suspended', () => connection.hset(`${prefix}:all:hf:meta`, 'suspended', 'full')],
    [
      'the queue is paused',
      async () => {
        await put('e.1')
        await pausing()
      },
    ],
    [
      'the queue has all the active jobs that it may have',
      async () => {
        await put('e.1')
        await connection.hset(`${prefix}:all:meta`, 'concurrency', 1)
        await connection.lpush(`${prefix}:all:active`, 'e.0')
      },
    ],
    [
      'every slot runs a slow handler',
      async () => {
        await put('e.1')
        taker.hasFreeSlot = false
      },
    ],
    [
      'Redis takes no writes',
      async () => {
        await put('e.1')
        vi.spyOn(connection, 'evalsha').mockRejectedValue(
          new Error('READONLY You can’t write against a read only replica.'),
        )
      },
    ],
  ])('is quiet where %s', async (_, arrange) => {
    await arrange()
    await looks(20)
    expect(told).toEqual([])
  })

  async function pausing(): Promise<void> {
    const { host = '127.0.0.1', port = 6379 } = connection.options
    const queue = new Queue('all', { connection: { host, port }, prefix })
    await queue.pause()
    await queue.close()
  }

  it('is quiet where the process itself has no time', async () => {
    await put('e.1')
    for (let look = 0; look < 20; look += 1) {
      clock.advance(8_000)
      await looks(1)
    }
    expect(told).toEqual([])
  })

  it('is quiet where another is taken between any two looks', async () => {
    await put('e.1')
    for (let look = 0; look < 20; look += 1) {
      taker.takenCount += 1
      await looks(1)
    }
    expect(told).toEqual([])
  })
})

describe('a worker that silently takes nothing', () => {
  let prefix: string
  let problems: Log<SourceProblem['code']>
  let started: Log<string>
  let release: ReturnType<typeof latch>
  beforeEach(() => {
    prefix = freshPrefix()
    problems = new Log()
    started = new Log()
    release = latch()
  })
  afterEach(() => vi.restoreAllMocks())

  async function open(onProblem: (code: SourceProblem['code']) => void = () => {}) {
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    const view = createQueueView({ redis, prefix })
    await sink.start()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 2,
      lookMs: 100,
      onProblem: ({ code }) => {
        problems.add(code)
        onProblem(code)
      },
      run: async (job) => {
        started.add(job.id)
        await release.promise
        return { kind: 'completed' }
      },
    })
    const put = (id: string) => sink.enqueue({ event: event(id), subscriptions: ['all'] })
    const stop = async () => {
      await source.stop()
      await Promise.all([sink.stop(), view.stop()])
    }
    return { put, view, stop, start: () => source.start() }
  }

  /** As after a fail-over: BullMQ's worker says that it runs, and takes `count` jobs and asks for nothing any more. */
  function deafen(count: number): void {
    const prototype = Worker.prototype as unknown as { _getNextJob(...given: unknown[]): Promise<unknown> }
    const ask = prototype._getNextJob
    let left = count
    vi.spyOn(prototype, '_getNextJob').mockImplementation(function (this: Worker, ...given) {
      if (this.name !== 'all') return ask.apply(this as never, given)
      left -= 1
      if (left >= 0) return ask.apply(this as never, given)
      // Without an answer to the one question more, it would not begin what it has.
      return left === -1 ? Promise.resolve(undefined) : new Promise(() => {})
    })
  }

  it('takes again with new connections, while what it has taken before goes on', async () => {
    const bot = await open((code) => {
      if (code === 'takes-nothing') vi.restoreAllMocks()
    })
    for (const id of ['e.1', 'e.2', 'e.3']) await bot.put(id)
    deafen(1)
    await bot.start()
    await started.reaches(2)
    // The slot of the first is still in use.
    expect(await bot.view.depth('all')).toMatchObject({ waiting: 1, active: 2 })
    release.open(undefined)
    await started.reaches(3)
    await expect.poll(() => bot.view.depth('all')).toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect(started.entries).toEqual(['e.1', 'e.2', 'e.3'])
    expect(problems.entries).toEqual(['takes-nothing'])
    await bot.stop()
  })

  it('says so when new connections do not help, and can be stopped', async () => {
    deafen(0)
    const bot = await open()
    await bot.start()
    await bot.put('e.1')
    await problems.reaches(4)
    expect(problems.entries).toEqual(['takes-nothing', 'takes-nothing', 'takes-nothing', 'stuck'])
    expect(started.entries).toEqual([])
    await bot.stop()
  })
})
