import { systemClock } from '@holdfast/runtime'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createQueueView,
  createRedisSink,
  createRedisSource,
  type QueueView,
  type Sink,
} from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { RECLAIM, RENEW, SEE_REDIS, SWEEP } from '../src/lua/sweep.ts'
import { JobScripts, type LanedJob } from '../src/redis/job-scripts.ts'
import { runScript } from '../src/redis/run-script.ts'
import { event, freshPrefix, Log, latch, redis } from './harness.ts'

// P3 and the fence, script by script. Workers that die are played by hand: BullMQ takes the job, and nothing follows.
describe('a job whose worker is gone', () => {
  const client = new Redis(redis.url)
  let prefix: string
  let sink: Sink
  let view: QueueView
  let takers: Worker[]

  beforeEach(async () => {
    prefix = freshPrefix()
    takers = []
    sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    view = createQueueView({ redis, prefix })
    await sink.start()
  })
  afterEach(async () => {
    await Promise.all(takers.map((taker) => taker.close()))
    await sink.stop()
    await view.stop()
  })
  afterAll(() => client.disconnect())

  const base = () => `${prefix}:all:`
  const put = (id: string, subject?: string) =>
    sink.enqueue({ event: event(id, subject === undefined ? {} : { subject }), subscriptions: ['all'] })
  const scripts = (workerId = 'w') =>
    new JobScripts({ redis: client, prefix, workerId, lockMs: 30_000, clock: systemClock })
  const renew = (held: LanedJob, workerId: string) =>
    runScript(client, RENEW, base(), [base(), workerId, 30_000, held.jobId, held.token])
  const reclaim = (...owners: string[]) =>
    runScript(client, RECLAIM, base(), [base(), Date.now(), 100, ...owners])
  const sweep = (patienceMs: number) =>
    runScript(client, SWEEP, base(), [base(), Date.now(), 100, patienceMs])

  /** Takes the next job as a worker of that name would, and begins it. */
  async function take(owner: string): Promise<LanedJob> {
    const { host = '127.0.0.1', port = 6379 } = client.options
    const taker = new Worker('all', null, {
      connection: { host, port },
      prefix,
      name: owner,
      skipStalledCheck: true,
    })
    takers.push(taker)
    const token = `${owner}:${takers.length}`
    const job = await taker.getNextJob(token, { block: false })
    return {
      queue: 'all',
      jobId: job?.id ?? 'nothing',
      token,
      lane: String(Reflect.get(job?.opts ?? {}, 'lane') ?? ''),
      phase: 'running',
      abort() {},
    }
  }

  it('is returned once, to the front, however many judges return it', async () => {
    for (const id of ['e.1', 'e.2', 'e.3']) await put(id)
    await take('dead')
    await take('dead')
    expect(await reclaim('dead')).toEqual([['e.2', 'e.1'], []])
    expect(await reclaim('dead')).toEqual([[], []])
    expect(await client.lrange(`${base()}wait`, 0, -1)).toEqual(['e.3', 'e.2', 'e.1'])
    expect((await take('other')).jobId).toBe('e.1')
  })

  it('stays where it is when another worker has it by now', async () => {
    await put('e.1')
    await take('dead')
    await reclaim('dead')
    await take('alive')
    expect(await reclaim('dead')).toEqual([[], []])
    expect(await view.depth('all')).toMatchObject({ waiting: 0, active: 1 })
  })

  it('refuses everything from the worker that lost it', async () => {
    await put('e.1', 'c')
    const stale = await take('dead')
    expect((await scripts().begin(stale)).kind).toBe('run')
    await reclaim('dead')
    const fresh = await take('alive')
    expect(await scripts().recordStep(stale, 'report', '1')).toBe(false)
    expect(await scripts().complete(stale)).toBe(false)
    expect(await scripts().retry(stale, 10)).toBe(false)
    expect(await scripts().bury(stale, 'no', undefined, 10)).toBe(false)
    expect(await scripts().giveBack(stale)).toBe(false)
    expect(await scripts().leaveLane(stale)).toBe(false)
    expect((await scripts().begin(stale)).kind).toBe('lost')
    expect(await scripts().begin(fresh)).toMatchObject({
      kind: 'run',
      attempt: 1,
      deathCount: 1,
      steps: new Map(),
    })
    expect(await scripts().complete(fresh)).toBe(true)
  })

  it('continues after its last finished step, which also forgives the deaths before it', async () => {
    await put('e.1')
    await scripts().begin(await take('dead'))
    await reclaim('dead')
    const second = await take('dead')
    expect(await scripts().begin(second)).toMatchObject({ deathCount: 1 })
    await scripts().recordStep(second, 'report', '{"pages":3}')
    await reclaim('dead')
    expect(await scripts().begin(await take('alive'))).toMatchObject({
      attempt: 1,
      deathCount: 1,
      steps: new Map([['report', '{"pages":3}']]),
    })
  })

  it('is left alone by the backstop until it has been without a lock for long enough', async () => {
    await put('e.1')
    const held = await take('silent')
    expect(await sweep(0)).toEqual([[], []])
    await client.del(`${base()}${held.jobId}:lock`)
    expect(await sweep(60_000)).toEqual([[], []])
    expect(await sweep(60_000)).toEqual([[], []])
    expect(await sweep(0)).toEqual([['e.1'], []])
    expect((await take('other')).jobId).toBe('e.1')
  })

  it('is kept by a worker that comes back after its lock ran out', async () => {
    await put('e.1')
    const held = await take('returning')
    await client.del(`${base()}${held.jobId}:lock`)
    await sweep(60_000)
    expect(await renew(held, 'another')).toEqual(['e.1'])
    expect(await renew(held, 'returning')).toEqual([])
    expect(await sweep(0)).toEqual([[], []])
    expect(await scripts().complete(held)).toBe(true)
  })

  it('can be ended by the worker that did it, although its lock ran out, as long as nobody else has it', async () => {
    await put('e.1')
    const held = await take('slow')
    await client.del(`${base()}${held.jobId}:lock`)
    await sweep(60_000)
    expect(await scripts('another').complete(held)).toBe(false)
    expect(await scripts('slow').complete(held)).toBe(true)
    // Sent again because the reply was lost.
    expect(await scripts('slow').complete(held)).toBe(true)
    expect(await view.depth('all')).toMatchObject({ waiting: 0, active: 0, failed: 0 })
  })

  it('is lost to that worker when another took it meanwhile', async () => {
    await put('e.1')
    const held = await take('late')
    await client.del(`${base()}${held.jobId}:lock`)
    await sweep(60_000)
    await sweep(0)
    expect(await renew(held, 'late')).toEqual(['e.1'])
    await take('other')
    expect(await renew(held, 'late')).toEqual(['e.1'])
  })

  it('that died alone becomes a dead letter, and its conversation goes on', async () => {
    await client.hset(layout(prefix).meta('all'), 'lanes', 1)
    await put('e.poison', 'c')
    await put('e.next', 'c')
    await scripts().begin(await take('dead'))
    await reclaim('dead')
    await scripts().begin(await take('dead'))
    await reclaim('dead')
    const last = await take('dead')
    expect(await scripts().begin(last)).toMatchObject({ deathCount: 2 })
    expect(await scripts().markAlone(last)).toBe(true)
    expect(await reclaim('dead')).toEqual([[], ['e.poison']])
    expect(await view.depth('all')).toMatchObject({ failed: 1, waiting: 1, parked: 0, active: 0 })
    expect((await view.record('all', 'e.poison'))?.outcome).toBe('dead')
    expect((await take('alive')).jobId).toBe('e.next')
  })

  it('runs with no other beside it from the second death on', async () => {
    await put('e.poison')
    await take('dead')
    await reclaim('dead')
    await take('dead')
    await reclaim('dead')
    const started = new Log<string>()
    const release = latch()
    for (const id of ['e.1', 'e.2']) await put(id)
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 3,
      run: async (job) => {
        started.add(job.id)
        if (job.id === 'e.poison') {
          await release.promise
          expect(started.entries).toEqual(['e.poison'])
        }
        return { kind: 'completed' }
      },
    })
    await source.start()
    await started.reaches(1)
    await expect.poll(() => view.depth('all')).toMatchObject({ waiting: 0, active: 3 })
    release.open()
    await started.reaches(3)
    await source.stop()
    expect(started.entries[0]).toBe('e.poison')
  })

  it('is not called lost when it ends while its lock is being renewed', async () => {
    const count = 3_000
    const ended = new Log<string>()
    const problems = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 20,
      // A renewal every 4 ms: many meet a job at its end.
      lockMs: 20,
      sweepMs: 60_000,
      run: async (job) => {
        ended.add(job.id)
        return { kind: 'completed' }
      },
      onProblem: ({ code }) => problems.add(code),
    })
    await source.start()
    await Promise.all(Array.from({ length: count }, (_, n) => put(`e.${n}`)))
    await ended.reaches(count)
    await source.stop()
    expect(problems.entries).toEqual([])
  })

  it('is judged at once on a fresh Redis, and with caution on one that was replaced', async () => {
    const see = (runId: string) => runScript(client, SEE_REDIS, layout(prefix).redisRun, [runId])
    expect(await see('first')).toBe(-1)
    expect(await see('first')).toBe(-1)
    expect(await see('second')).toBe(0)
    expect(Number(await see('second'))).toBeGreaterThanOrEqual(0)
    expect(await see('third')).toBe(0)
  })

  it('has its signal aborted when the lock is lost', async () => {
    await put('e.1')
    const started = latch()
    const aborted = latch<unknown>()
    const problems = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 'all',
      concurrency: 1,
      lockMs: 500,
      run: async (job) => {
        started.open()
        await new Promise((resolve) => job.signal.addEventListener('abort', resolve))
        aborted.open(job.signal.reason)
        return { kind: 'completed' }
      },
      onProblem: ({ code }) => problems.add(code),
    })
    await source.start()
    await started.promise
    await client.set(`${base()}e.1:lock`, 'another:1')
    expect(await aborted.promise).toBe('lost-lock')
    await source.stop()
    expect(problems.entries).toEqual(['lost-lock', 'report-refused'])
  })
})
