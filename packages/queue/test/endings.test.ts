import { Queue } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRedisSource } from '../src/index.ts'
import { ByHand } from './by-hand.ts'
import { event, Log, latch, redis } from './harness.ts'

// A job completes once and its steps run once, also where it comes back or its worker still believes to hold it.
describe('a job', () => {
  let hand: ByHand
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
  })
  afterEach(() => hand.stop())

  async function retryByHand(id: string): Promise<void> {
    const { host = '127.0.0.1', port = 6379 } = hand.client.options
    const queue = new Queue('all', { connection: { host, port }, prefix: hand.prefix })
    await (await queue.getJob(id))?.retry()
    await queue.close()
  }

  it('that was a dead letter ends when it is run again, also under the token that buried it', async () => {
    await hand.put('e.1')
    const first = await hand.take('w', 'slot')
    await hand.scripts().begin(first)
    expect(await hand.scripts().bury(first, 'no', undefined, 10)).toBe(true)
    await retryByHand('e.1')
    const second = await hand.take('w', 'slot')
    expect(second).toMatchObject({ jobId: 'e.1', token: first.token })
    await hand.scripts().begin(second)
    expect((await hand.view.record('all', 'e.1'))?.outcome).toBeUndefined()
    expect(await hand.scripts().complete(second)).toBe(true)
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, active: 0, failed: 0 })
    expect((await hand.view.record('all', 'e.1'))?.outcome).toBe('completed')
  })

  it('that was a dead letter goes on after its last finished step when it is run again', async () => {
    await hand.put('e.1')
    const first = await hand.take('w')
    await hand.scripts().begin(first)
    await hand.scripts().recordStep(first, 'reply', '1')
    await hand.scripts().bury(first, 'no', undefined, 10)
    await retryByHand('e.1')
    const again = await hand.scripts().begin(await hand.take('w'))
    expect(again).toMatchObject({ kind: 'run', deathCount: 0, steps: new Map([['reply', '1']]) })
  })

  it('with thousands of finished steps begins again', async () => {
    await hand.put('e.1')
    const held = await hand.take('w')
    const steps = Array.from({ length: 5_000 }, (_, n) => [`s:item ${n}`, '1'])
    await hand.client.hset(`${hand.base}hf:run:e.1`, ...steps.flat())
    const beginning = await hand.scripts().begin(held)
    expect(beginning.kind === 'run' && beginning.steps.size).toBe(5_000)
  })

  it.each(['retried', 'given back'] as const)(
    'that ran alone and was %s is not blamed for a death beside others',
    async (way) => {
      await hand.put('e.1')
      const alone = await hand.take('w')
      await hand.scripts().begin(alone)
      await hand.scripts().mark(alone, 'alone')
      if (way === 'retried') await hand.scripts().retry(alone, 1)
      else await hand.scripts().giveBack(alone)
      await expect.poll(async () => (await hand.take('dead')).jobId).toBe('e.1')
      expect(await hand.reclaim('dead')).toEqual([['e.1'], []])
    },
  )

  it('that vanished under its worker leaves nothing behind', async () => {
    await hand.put('e.1')
    await hand.put('e.2')
    await hand.take('dead')
    const held = await hand.take('dead')
    await hand.client.del(`${hand.base}e.1`, `${hand.base}e.2`)
    expect((await hand.scripts().begin(held)).kind).toBe('lost')
    expect(await hand.reclaim('dead')).toEqual([[], []])
    expect(await hand.view.depth('all')).toMatchObject({ active: 0 })
    expect(await hand.client.keys(`${hand.base}*e.[12]*`)).toEqual([
      expect.stringContaining('hf:e:'),
      expect.stringContaining('hf:e:'),
    ])
  })

  it('that came back to its own worker is not lost with the lock of its first run', async () => {
    await hand.put('e.1')
    const stale = await hand.take('w')
    await hand.client.del(`${hand.base}e.1:lock`)
    await hand.sweep(60_000)
    await hand.sweep(0)
    const fresh = await hand.take('w')
    expect(fresh.jobId).toBe('e.1')
    expect(await hand.renew('w', stale, fresh)).toEqual([stale.token])
  })

  it('whose handler ignores its lost lock is told lost once, and never takes the lock again', async () => {
    for (const id of ['e.1', 'e.2']) await hand.put(id)
    const started = new Log<string>()
    const problems = new Log<string>()
    const release = latch()
    const source = createRedisSource({
      redis,
      prefix: hand.prefix,
      subscription: 'all',
      workerId: 'w',
      concurrency: 2,
      lockMs: 100,
      sweepMs: 60_000,
      run: async (job) => {
        started.add(job.id)
        await release.promise
        return { kind: 'completed' }
      },
      onProblem: ({ code }) => problems.add(code),
    })
    await source.start()
    await started.reaches(2)
    const lockOf = (id: string) => `${hand.base}${id}:lock`
    await hand.client.set(lockOf('e.1'), 'another:1')
    await problems.reaches(1)
    await hand.client.del(lockOf('e.1'), lockOf('e.2'))
    // The next renewal takes the lock of the one again.
    await expect.poll(() => hand.client.exists(lockOf('e.2'))).toBe(1)
    expect(await hand.client.exists(lockOf('e.1'))).toBe(0)
    expect(problems.entries).toEqual(['lost-lock'])
    release.open()
    await source.stop()
  })

  it('that waits for one running alone is given back at once when its worker pauses', async () => {
    await hand.put('e.poison')
    for (const _ of [1, 2]) {
      await hand.take('dead')
      await hand.reclaim('dead')
    }
    await hand.put('e.1')
    const started = new Log<string>()
    const release = latch()
    const source = createRedisSource({
      redis,
      prefix: hand.prefix,
      subscription: 'all',
      concurrency: 2,
      run: async (job) => {
        started.add(job.id)
        await release.promise
        return { kind: 'completed' }
      },
    })
    await source.start()
    await started.reaches(1)
    await expect.poll(() => source.activeCount).toBe(2)
    await source.pause()
    await expect.poll(() => hand.view.depth('all')).toMatchObject({ waiting: 1, active: 1 })
    release.open()
    await source.stop()
    expect(started.entries).toEqual(['e.poison'])
    expect((await hand.view.record('all', 'e.poison'))?.outcome).toBe('completed')
  })

  it.each(['retried', 'given back', 'buried and retried by hand', 'returned from its dead worker'] as const)(
    'that left its lane and was %s runs again beside it, and wakes nobody a second time',
    async (way) => {
      await hand.keepLanes()
      for (const id of ['e.1', 'e.2', 'e.3']) await hand.put(id, 'c')
      const first = await hand.take('w')
      await hand.scripts().begin(first)
      expect(await hand.scripts().leaveLane(first)).toBe(true)
      expect(await hand.view.depth('all')).toMatchObject({ waiting: 1, parked: 1, active: 1 })
      const second = await hand.take('v')
      expect([second.jobId, (await hand.scripts('v').begin(second)).kind]).toEqual(['e.2', 'run'])

      if (way === 'retried') await hand.scripts().retry(first, 1)
      else if (way === 'given back') await hand.scripts().giveBack(first)
      else if (way === 'returned from its dead worker') await hand.reclaim('w')
      else {
        await hand.scripts().bury(first, 'no', undefined, 10)
        await retryByHand('e.1')
      }
      let again = await hand.take('u')
      while (again.jobId !== 'e.1') again = await hand.take('u')
      expect((await hand.scripts('u').begin(again)).kind).toBe('run')
      await hand.scripts('u').complete(again)
      expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, parked: 1, active: 1 })
      await hand.scripts('v').complete(second)
      expect(await hand.view.depth('all')).toMatchObject({ waiting: 1, parked: 0, active: 0 })
      expect((await hand.take('w')).jobId).toBe('e.3')
    },
  )

  it('that waits longer than its record lasts is still there once, and ends', async () => {
    const put = () =>
      hand.sink.enqueue({ event: event('e.1', { dedupeWindowMs: 1 }), subscriptions: ['all'] })
    await put()
    await expect.poll(() => hand.client.exists(`${hand.base}hf:e:e.1`)).toBe(0)
    expect(await put()).toEqual(['duplicate'])
    const held = await hand.take('w')
    expect((await hand.scripts().begin(held)).kind).toBe('run')
    expect(await put()).toEqual(['duplicate'])
    expect(await hand.scripts().complete(held)).toBe(true)
    expect(await hand.client.exists(`${hand.base}hf:e:e.1`)).toBe(0)
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, active: 0 })
  })
})
