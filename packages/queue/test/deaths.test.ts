import { systemClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRedisSource, type SourceProblem } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { SEE_REDIS } from '../src/lua/heartbeat.ts'
import { runScript } from '../src/redis/run-script.ts'
import { ByHand } from './by-hand.ts'
import { Log, latch, redis } from './harness.ts'

// The jobs of a dead worker run elsewhere, and it can't end them any more: script by script. Workers that die are played
// by hand: BullMQ takes the job, and nothing follows.
describe('a job whose worker is gone', () => {
  let hand: ByHand
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
  })
  afterEach(() => hand.stop())

  it('is returned once, to the front, however many judges return it', async () => {
    for (const id of ['e.1', 'e.2', 'e.3']) await hand.put(id)
    await hand.take('dead')
    await hand.take('dead')
    expect(await hand.reclaim('dead')).toEqual([['e.2', 'e.1'], []])
    expect(await hand.reclaim('dead')).toEqual([[], []])
    expect(await hand.client.lrange(`${hand.base}wait`, 0, -1)).toEqual(['e.3', 'e.2', 'e.1'])
    expect((await hand.take('other')).jobId).toBe('e.1')
  })

  it('is told to another worker when the dead one was told of it and had not taken it yet', async () => {
    const marker = `${hand.base}marker`
    await hand.reclaim('dead')
    expect(await hand.client.exists(marker)).toBe(0)
    await hand.put('e.1')
    // As the dead worker's blocking read has taken it.
    await hand.client.del(marker)
    expect(await hand.reclaim('dead')).toEqual([[], []])
    expect(await hand.client.exists(marker)).toBe(1)
  })

  it('stays where it is when its worker has given a sign of life since', async () => {
    await hand.put('e.1')
    await hand.take('late')
    await hand.client.zadd(hand.heartbeats, 2, 'late')
    expect(await hand.reclaim('late')).toEqual([[], []])
  })

  it('stays where it is when another worker has it by now', async () => {
    await hand.put('e.1')
    await hand.take('dead')
    await hand.reclaim('dead')
    await hand.take('alive')
    expect(await hand.reclaim('dead')).toEqual([[], []])
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, active: 1 })
  })

  it('refuses everything from the worker that lost it', async () => {
    await hand.put('e.1', 'c')
    const stale = await hand.take('dead')
    expect((await hand.scripts().begin(stale)).kind).toBe('run')
    await hand.reclaim('dead')
    const fresh = await hand.take('alive')
    expect(await hand.scripts().recordStep(stale, 'report', '1')).toBeUndefined()
    expect(await hand.scripts().complete(stale)).toBe(false)
    expect(await hand.scripts().retry(stale, 10)).toBe(false)
    expect(await hand.scripts().bury(stale, 'no', undefined, 10)).toBe(false)
    expect(await hand.scripts().giveBack(stale)).toBe(false)
    expect(await hand.scripts().leaveLane(stale)).toBe(false)
    expect((await hand.scripts().begin(stale)).kind).toBe('lost')
    expect(await hand.scripts().begin(fresh)).toMatchObject({
      kind: 'run',
      attempt: 1,
      deathCount: 1,
      steps: new Map(),
    })
    expect(await hand.scripts().complete(fresh)).toBe(true)
  })

  it('continues after its last finished step, which also forgives the deaths before it', async () => {
    await hand.put('e.1')
    await hand.scripts().begin(await hand.take('dead'))
    await hand.reclaim('dead')
    const second = await hand.take('dead')
    expect(await hand.scripts().begin(second)).toMatchObject({ deathCount: 1 })
    await hand.scripts().recordStep(second, 'report', '{"pages":3}')
    await hand.reclaim('dead')
    expect(await hand.scripts().begin(await hand.take('alive'))).toMatchObject({
      attempt: 1,
      deathCount: 1,
      steps: new Map([['report', '{"pages":3}']]),
    })
  })

  it('is left alone by the backstop until it has been without a lock for long enough', async () => {
    await hand.put('e.1')
    const held = await hand.take('silent')
    expect(await hand.sweep(0)).toEqual([[], []])
    await hand.client.del(`${hand.base}${held.jobId}:lock`)
    expect(await hand.sweep(60_000)).toEqual([[], []])
    expect(await hand.sweep(60_000)).toEqual([[], []])
    expect(await hand.sweep(0)).toEqual([['e.1'], []])
    expect((await hand.take('other')).jobId).toBe('e.1')
  })

  it('is kept by a worker that comes back after its lock ran out', async () => {
    await hand.put('e.1')
    const held = await hand.take('returning')
    await hand.client.del(`${hand.base}${held.jobId}:lock`)
    await hand.sweep(60_000)
    expect(await hand.renew('another', held)).toEqual([held.token])
    expect(await hand.renew('returning', held)).toEqual([])
    expect(await hand.sweep(0)).toEqual([[], []])
    expect(await hand.scripts().complete(held)).toBe(true)
  })

  it('can be ended by the worker that did it, although its lock ran out, as long as nobody else has it', async () => {
    await hand.put('e.1')
    const held = await hand.take('slow')
    await hand.client.del(`${hand.base}${held.jobId}:lock`)
    await hand.sweep(60_000)
    expect(await hand.scripts('another').complete(held)).toBe(false)
    expect(await hand.scripts('slow').complete(held)).toBe(true)
    // Sent again because the reply was lost.
    expect(await hand.scripts('slow').complete(held)).toBe(true)
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, active: 0, failed: 0 })
  })

  it.each(['retry', 'pass', 'giveBack'] as const)(
    'is not called lost when its %s is sent again because the reply was lost',
    async (move) => {
      await hand.put('e.1')
      const held = await hand.take('w')
      await hand.scripts().begin(held)
      const ends = (token = held.token) => hand.scripts()[move]({ ...held, token }, 60_000)
      expect(await ends()).toBe(true)
      expect(await ends()).toBe(true)
      expect(await hand.view.depth('all')).toMatchObject({ active: 0, failed: 0 })
      await hand.client.zrem(`${hand.base}delayed`, 'e.1')
      await hand.client.lrem(`${hand.base}wait`, 0, 'e.1')
      await hand.client.rpush(`${hand.base}wait`, 'e.1')
      expect((await hand.scripts().begin(await hand.take('other'))).kind).toBe('run')
      // Also where another runs it by now; who did not end it is not taken for the one that did.
      expect(await ends()).toBe(true)
      expect(await ends('third:1')).toBe(false)
      expect(await hand.view.depth('all')).toMatchObject({ active: 1 })
    },
  )

  it('is lost to that worker when another took it meanwhile', async () => {
    await hand.put('e.1')
    const held = await hand.take('late')
    await hand.client.del(`${hand.base}${held.jobId}:lock`)
    await hand.sweep(60_000)
    await hand.sweep(0)
    expect(await hand.renew('late', held)).toEqual([held.token])
    await hand.take('other')
    expect(await hand.renew('late', held)).toEqual([held.token])
  })

  it('that died alone becomes a dead letter, and its conversation goes on', async () => {
    await hand.keepLanes()
    await hand.put('e.poison', 'c')
    await hand.put('e.next', 'c')
    await hand.scripts().begin(await hand.take('dead'))
    await hand.reclaim('dead')
    await hand.scripts().begin(await hand.take('dead'))
    await hand.reclaim('dead')
    const last = await hand.take('dead')
    expect(await hand.scripts().begin(last)).toMatchObject({ deathCount: 2 })
    expect(await hand.scripts().mark(last, 'alone')).toBe(true)
    expect(await hand.reclaim('dead')).toEqual([[], ['e.poison']])
    expect(await hand.view.depth('all')).toMatchObject({ failed: 1, waiting: 1, parked: 0, active: 0 })
    expect((await hand.view.record('all', 'e.poison'))?.outcome).toBe('dead')
    expect((await hand.take('alive')).jobId).toBe('e.next')
  })

  it('that only waited for its turn there has killed nobody', async () => {
    await hand.put('e.1')
    for (const deathCount of [0, 0, 1]) {
      const held = await hand.take('dead')
      expect(await hand.scripts().begin(held)).toMatchObject({ deathCount })
      expect(await hand.scripts().mark(held, 'idle')).toBe(true)
      // The second time its turn comes.
      if (hand.takenCount === 2) await hand.scripts().mark(held, 'running')
      expect(await hand.reclaim('dead')).toEqual([['e.1'], []])
    }
  })

  it('is cleared of its deaths when it runs to an end, be it to be tried again', async () => {
    await hand.put('e.1')
    await hand.scripts().begin(await hand.take('dead'))
    await hand.reclaim('dead')
    const held = await hand.take('w')
    expect(await hand.scripts().begin(held)).toMatchObject({ deathCount: 1 })
    await hand.scripts().retry(held, 60_000, true)
    await hand.client.zrem(`${hand.base}delayed`, 'e.1')
    await hand.client.rpush(`${hand.base}wait`, 'e.1')
    expect(await hand.scripts().begin(await hand.take('w'))).toMatchObject({
      deathCount: 0,
      deathCountInAll: 1,
      attempt: 1,
    })
  })

  it('while another sleeps leaves the sleeper as it is', async () => {
    await hand.put('e.asleep')
    await hand.put('e.1')
    const asleep = await hand.take('dead')
    await hand.scripts().begin(asleep)
    const wakeAt = Date.now() + 3_600_000
    await hand.scripts().suspend(asleep, wakeAt, [])
    await hand.scripts().begin(await hand.take('dead'))
    expect(await hand.reclaim('dead')).toEqual([['e.1'], []])
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 1, waiting: 1, failed: 0 })
    const run = layout(hand.prefix).run('all', 'e.asleep')
    expect(await hand.client.hmget(run, 'deaths', 'died')).toEqual([null, null])
  })

  it('runs with no other beside it from the second death on', async () => {
    await hand.put('e.poison')
    await hand.take('dead')
    await hand.reclaim('dead')
    await hand.take('dead')
    await hand.reclaim('dead')
    const started = new Log<string>()
    const release = latch()
    for (const id of ['e.1', 'e.2']) await hand.put(id)
    const source = createRedisSource({
      redis,
      prefix: hand.prefix,
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
    await expect.poll(() => hand.view.depth('all')).toMatchObject({ waiting: 0, active: 3 })
    // Those that wait for their turn say so: whatever kills this worker now, it is none of them.
    for (const id of ['e.1', 'e.2'])
      await expect.poll(() => hand.client.hget(layout(hand.prefix).run('all', id), 'idle')).toBe('1')
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
      prefix: hand.prefix,
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
    await Promise.all(Array.from({ length: count }, (_, n) => hand.put(`e.${n}`)))
    await ended.reaches(count)
    await source.stop()
    expect(problems.entries).toEqual([])
  })

  it('is judged at once on a fresh Redis, and with caution on one that was replaced', async () => {
    const see = (runId: string) => runScript(hand.client, SEE_REDIS, layout(hand.prefix).redisRun, [runId])
    expect(await see('first')).toBe(-1)
    expect(await see('first')).toBe(-1)
    expect(await see('second')).toBe(0)
    expect(Number(await see('second'))).toBeGreaterThanOrEqual(0)
    expect(await see('third')).toBe(0)
  })

  /** The problems that a worker tells while it works off the queue. Its clock stands still: whatever waits for it never comes. */
  async function problemsOf(count: number): Promise<readonly SourceProblem[]> {
    const problems = new Log<SourceProblem>()
    const source = createRedisSource({
      redis,
      prefix: hand.prefix,
      subscription: 'all',
      concurrency: 1,
      sweepMs: 50,
      clock: { ...systemClock, monotonicMs: () => 0 },
      run: async () => ({ kind: 'completed' }),
      onProblem: (problem) => problems.add(problem),
    })
    await source.start()
    await problems.reaches(count)
    await source.stop()
    return problems.entries
  }

  it('is told of with its worker, by whoever returned it, be it the first that starts after it: how many run again, how many are dead letters', async () => {
    for (const id of ['e.1', 'e.2', 'e.poison']) {
      await hand.put(id)
      const held = await hand.take('owner')
      if (id === 'e.poison') await hand.scripts().mark(held, 'alone')
    }
    const registration = { workerId: 'gone', queues: ['all'], lockOwners: ['owner'] }
    await hand.client.hset(layout(hand.prefix).workers, 'gone', JSON.stringify(registration))
    await hand.client.zadd(hand.heartbeats, 1, 'gone')
    expect(await problemsOf(1)).toEqual([
      {
        code: 'worker-died',
        message:
          'Worker gone died: it fell silent and its connections are gone. ' +
          'Jobs returned, to run again after their last finished step: 2. ' +
          'Dead letters, since each killed its worker running alone: 1.',
      },
    ])
  })

  it('is told of with its queue when only the backstop noticed', async () => {
    await hand.put('e.1')
    const held = await hand.take('silent')
    await hand.client.del(`${hand.base}${held.jobId}:lock`)
    expect(await problemsOf(1)).toMatchObject([
      { code: 'worker-died', message: expect.stringMatching(/^Jobs of all were left .*: 1\.$/) },
    ])
  })

  it('has its signal aborted when the lock is lost', async () => {
    await hand.put('e.1')
    const started = latch()
    const aborted = latch<unknown>()
    const problems = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix: hand.prefix,
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
    await hand.client.set(`${hand.base}e.1:lock`, 'another:1')
    expect(await aborted.promise).toBe('lost-lock')
    await source.stop()
    expect(problems.entries).toEqual(['lost-lock', 'report-refused'])
  })
})
