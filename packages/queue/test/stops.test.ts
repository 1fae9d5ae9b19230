import { ManualClock } from '@holdfast/runtime'
import { describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource, createRegistry, type SourceOptions } from '../src/index.ts'
import { Cable } from './cable.ts'
import { event, freshPrefix, Log, latch, redis as shared } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// Whatever Redis does, a stop ends.
describe('a source that is stopped while Redis is away', () => {
  async function open(run: SourceOptions['run'], problems = new Log<string>()) {
    const redis = await OwnRedis.open()
    const prefix = freshPrefix()
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 2,
      run,
      onProblem: ({ code }) => code === 'connection' || problems.add(code),
    })
    await source.start()
    return {
      redis,
      sink,
      source,
      put: (id: string) => sink.enqueue({ event: event(id), subscriptions: ['all'] }),
    }
  }

  it('ends when it holds no job', async () => {
    const { redis, sink, source } = await open(async () => ({ kind: 'completed' }))
    await sink.stop()
    await redis.close()
    await source.stop()
    expect(source.activeCount).toBe(0)
  })

  it('ends when a job waits for Redis to take its end', async () => {
    const started = latch()
    const release = latch()
    const problems = new Log<string>()
    const { redis, sink, source, put } = await open(async () => {
      started.open()
      await release.promise
      return { kind: 'completed' }
    }, problems)
    await put('e.1')
    await started.promise
    await sink.stop()
    await redis.close()
    release.open()
    await source.stop()
    await source.idle()
    expect(problems.entries).toEqual(['redis-away', 'report-refused'])
  })
})

describe('a source that is stopped in the moment in which Redis comes back', () => {
  /** A scripts' connection, and two for each of two queues. */
  const CONNECTIONS = 5
  /** From then on the next attempt of each is seconds away. */
  const ATTEMPTS = 7

  it('ends, and no time-out of its own ends it', async () => {
    const way = new Cable(shared.url)
    const clock = new ManualClock()
    const source = createRedisSource({
      redis: await way.start(),
      prefix: freshPrefix(),
      subscription: 'all',
      concurrency: 2,
      run: async () => ({ kind: 'completed' }),
      clock,
    })
    await source.start()
    way.cut()
    await expect
      .poll(() => way.refusedCount, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(CONNECTIONS * ATTEMPTS)
    const stopped = source.stop()
    way.mend()
    await stopped
    expect(clock.timerCount).toBe(0)
    await expect.poll(() => way.openCount).toBe(0)
    await way.stop()
  })
})

describe('a registry that is stopped while Redis is away', () => {
  it('rejects what still waits', async () => {
    const redis = await OwnRedis.open()
    const registry = createRegistry({ redis, prefix: freshPrefix() })
    await registry.declare({ workerId: 'w', subscription: 'all', patterns: ['slack.*'], order: 'none' })
    await redis.close()
    const withdrawn = registry.withdraw('w').then(
      () => 'withdrawn',
      () => 'rejected',
    )
    await registry.stop()
    expect(await withdrawn).toBe('rejected')
  })
})
