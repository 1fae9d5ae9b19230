import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { event, freshPrefix, Log } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// What was on the queue is gone with Redis' data. What comes afterwards is as safe as before.
describe('after Redis came back empty', () => {
  let redis: OwnRedis
  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  afterAll(() => redis.close())

  it('a running sink and source go on, and the lanes with them', async () => {
    const prefix = freshPrefix()
    const names = layout(prefix)
    const windows = new Log<string>()
    const sink = createRedisSink({
      redis,
      prefix,
      bounds: () => undefined,
      onWindow: (state) => windows.add(state),
    })
    await sink.start()
    const handled = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 5,
      workerId: 'w',
      sweepMs: 100,
      run: async (job) => {
        handled.add(job.id)
        return { kind: 'completed' }
      },
    })
    await source.start()
    const put = (id: string) => sink.enqueue({ event: event(id, { subject: 'c' }), subscriptions: ['all'] })
    await put('e.1')
    await handled.reaches(1)
    await redis.restartEmpty()
    for (const id of ['e.2', 'e.3', 'e.4']) expect(await put(id)).toEqual(['enqueued'])
    await handled.reaches(4)
    expect(handled.entries).toEqual(['e.1', 'e.2', 'e.3', 'e.4'])
    await expect.poll(() => redis.admin.exists(names.lanesKept('all'))).toBe(1)
    await expect.poll(() => redis.admin.hkeys(names.workers)).toEqual(['w'])
    await Promise.all([source.stop(), sink.stop()])
  })
})
