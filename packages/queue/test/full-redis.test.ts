import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createQueueView, createRedisSink, createRedisSource } from '../src/index.ts'
import { event, freshPrefix, Log } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => `e.${first + n}`)

// One subscription is at its bound, and Redis is full on top of it: the others lose nothing, and the gap counts exactly.
describe('a subscription at its bound in a Redis that is full', () => {
  let redis: OwnRedis
  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  afterAll(() => redis.close())

  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1])
  const limitTo = (bytes: number) => redis.admin.config('SET', 'maxmemory', bytes)

  it('is suspended alone, misses each event once, and says how many', async () => {
    const prefix = freshPrefix()
    const closed = new Log<string>()
    const refusals: (string | undefined)[] = []
    const sink = createRedisSink({
      redis,
      prefix,
      bounds: (name) => ({ order: 'conversation', maxWaiting: name === 'small' ? 5 : 1_000 }),
      onWindow: (state, why) => {
        if (state === 'closed') closed.add(why)
      },
      onRefused: (why) => refusals.push(why),
    })
    const view = createQueueView({ redis, prefix })
    await sink.start()
    const put = (ids: readonly string[]) =>
      Promise.all(ids.map((id) => sink.enqueue({ event: event(id), subscriptions: ['small', 'big'] })))
    const missedCount = async () => (await view.suspension('small'))?.missedCount

    await put(idsFrom(0, 10))
    expect(await missedCount()).toBe(5)

    await limitTo(await usedBytes())
    const waiting = put(idsFrom(10, 10))
    await closed.reaches(3)
    expect(closed.entries[0]).toMatch(/^OOM/)
    expect(await missedCount()).toBe(5)
    expect(sink.unconfirmed.count).toBe(10)

    await limitTo(0)
    expect(await waiting).toEqual(Array(10).fill(['suspended', 'enqueued']))
    expect(refusals).toEqual([expect.stringMatching(/^OOM/), undefined])
    expect(await missedCount()).toBe(15)
    expect((await view.depth('big')).waiting).toBe(20)
    expect(await view.suspension('big')).toBeUndefined()

    await drain(prefix, 5)
    const lift = (count: number) =>
      sink.enqueue({
        event: event(`gap.${count}`, { type: 'holdfast.gap' }),
        subscriptions: ['small'],
        liftsMissedCount: count,
      })
    expect(await lift(14)).toEqual(['suspended'])
    expect(await lift(15)).toEqual(['enqueued'])
    expect(await view.suspension('small')).toBeUndefined()
    expect(await put(idsFrom(20, 1))).toEqual([['enqueued', 'enqueued']])
    await Promise.all([sink.stop(), view.stop()])
  })

  async function drain(prefix: string, count: number): Promise<void> {
    const done = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'small',
      concurrency: 1,
      run: async (job) => {
        done.add(job.id)
        return { kind: 'completed' }
      },
    })
    await source.start()
    await done.reaches(count)
    await source.stop()
  }
})
