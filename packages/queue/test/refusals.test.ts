import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createQueueView,
  createRedisSink,
  createRedisSource,
  type QueueView,
  type Sink,
  type Source,
  type TakenJob,
} from '../src/index.ts'
import { event, freshPrefix, Log, latch } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// A Redis that answers but does not take writes (fail-over, full) is waited for like one that is away.
describe('while Redis refuses writes', () => {
  let redis: OwnRedis
  let prefix: string
  let sink: Sink
  let view: QueueView
  let source: Source | undefined

  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  beforeEach(async () => {
    prefix = freshPrefix()
    sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    view = createQueueView({ redis, prefix })
    await sink.start()
    await redis.admin.config('RESETSTAT')
  })
  afterEach(async () => {
    await redis.accept()
    await redis.admin.config('SET', 'maxmemory', 0)
    await Promise.all([source?.stop(), sink.stop(), view.stop()])
  })
  afterAll(() => redis.close())

  const put = (id: string) => sink.enqueue({ event: event(id), subscriptions: ['all'] })
  async function work(run: (job: TakenJob) => Promise<unknown>, problems = new Log<string>()) {
    source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 1,
      run: async (job) => {
        await run(job)
        return { kind: 'completed' }
      },
      onProblem: ({ code }) => problems.add(code),
    })
    await source.start()
  }

  /** Resolves once Redis has refused something for this reason. */
  async function refused(code: 'READONLY' | 'OOM'): Promise<'refused'> {
    await expect.poll(() => redis.admin.info('errorstats')).toContain(`errorstat_${code}:`)
    return 'refused'
  }

  it('because it is a replica, a job waits with its step and its end, and runs once', async () => {
    const started = new Log<string>()
    const release = latch()
    const recorded = latch<string>()
    await put('e.1')
    await work(async (job) => {
      started.add(job.id)
      await release.promise
      recorded.open(await job.recordStep('report', '1'))
    })
    await started.reaches(1)
    await redis.refuse()
    release.open()
    const second = put('e.2')
    expect(await Promise.race([recorded.promise, refused('READONLY')])).toBe('refused')
    await redis.accept()
    expect(await recorded.promise).toBe('recorded')
    expect(await second).toEqual(['enqueued'])
    await started.reaches(2)
    await expect.poll(() => view.depth('all')).toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect(started.entries).toEqual(['e.1', 'e.2'])
  })

  it('because it is full, running jobs end all the same, and new events wait', async () => {
    const started = new Log<string>()
    const release = latch()
    await put('e.1')
    await work(async (job) => {
      started.add(job.id)
      await release.promise
      await job.recordStep('report', '1')
    })
    await started.reaches(1)
    await redis.admin.config('SET', 'maxmemory', 1)
    const second = put('e.2')
    expect(await Promise.race([second, refused('OOM')])).toBe('refused')
    release.open()
    await expect.poll(() => view.depth('all')).toMatchObject({ active: 0, failed: 0 })
    expect(sink.unconfirmed.count).toBe(1)
    await redis.admin.config('SET', 'maxmemory', 0)
    expect(await second).toEqual(['enqueued'])
    await started.reaches(2)
  })

  it('of a job for good, it is told, and the job is not buried for it', async () => {
    const problems = new Log<string>()
    await redis.admin.set(`${prefix}:all:hf:retrying`, 'not a sorted set')
    await put('e.1')
    await work(async () => {}, problems)
    await problems.reaches(1)
    expect(problems.entries).toEqual(['report-refused'])
    expect(await view.depth('all').catch(() => 'no depth')).toBe('no depth')
    expect(await redis.admin.lrange(`${prefix}:all:active`, 0, -1)).toEqual(['e.1'])
    await redis.admin.del(`${prefix}:all:hf:retrying`)
  })
})
