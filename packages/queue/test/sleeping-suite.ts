import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome, Source, TakenJob } from '../src/index.ts'
import { event, type Harness, Log, latch } from './harness.ts'

const done: Outcome = { kind: 'completed' }
const asleepFor = (ms: number): Outcome => ({
  kind: 'suspended',
  wakeAt: Date.now() + ms,
  waits: [],
})
const LONG_MS = 3_600_000

/** What every implementation does with a job that sleeps. */
export function describeSleeping(name: string, open: () => Harness): void {
  describe(`a job that sleeps, ${name}`, () => {
    let queue: Harness
    let sources: Source[]

    beforeEach(() => {
      queue = open()
      sources = []
    })
    afterEach(async () => {
      for (const source of sources) source.abort()
      await Promise.all(sources.map((source) => source.stop()))
      await queue.close()
    })

    const put = (id: string, facts = {}) =>
      queue.sink.enqueue({ event: event(id, facts), subscriptions: ['all'] })
    async function work(run: (job: TakenJob) => Promise<Outcome>, concurrency = 10) {
      const source = queue.source({ subscription: 'all', concurrency, run })
      sources.push(source)
      await source.start()
      return source
    }

    it('runs again at its time, with its steps and without an attempt spent', async () => {
      const log = new Log<string>()
      await put('e.1')
      await work(async (job) => {
        log.add(`${job.attempt} ${job.deathCount} ${job.steps.get('post')}`)
        if (job.steps.size > 0) return done
        await job.recordStep('post', '1')
        return asleepFor(20)
      })
      await log.reaches(2)
      expect(log.entries).toEqual(['1 0 undefined', '1 0 1'])
      await expect.poll(async () => (await queue.view.record('all', 'e.1'))?.attempts).toBe(1)
      expect(await queue.view.depth('all')).toMatchObject({ sleeping: 0, waiting: 0, parked: 0, active: 0 })
    })

    it('frees its slot and its conversation, and is counted apart', async () => {
      const log = new Log<string>()
      for (const id of ['e.1', 'e.2', 'e.3']) await put(id, { subject: 'c' })
      await work(async (job) => {
        log.add(job.id)
        return job.id === 'e.3' ? done : asleepFor(LONG_MS)
      }, 1)
      await log.reaches(3)
      expect(log.entries).toEqual(['e.1', 'e.2', 'e.3'])
      await expect
        .poll(() => queue.view.depth('all'))
        .toEqual({ waiting: 0, parked: 0, active: 0, sleeping: 2, retrying: 0, failed: 0, lagMs: 0 })
    })

    it('that is woken waits for the event that runs in its conversation, and comes before all that wait', async () => {
      const log = new Log<string>()
      const release = latch()
      for (const id of ['e.1', 'e.2', 'e.3']) await put(id, { subject: 'c' })
      let runs = 0
      await work(async (job) => {
        log.add(`start ${job.id}`)
        if (job.id === 'e.1' && runs++ === 0) return asleepFor(50)
        if (job.id === 'e.2') await release.promise
        log.add(`end ${job.id}`)
        return done
      })
      await log.reaches(2)
      await expect.poll(() => queue.view.depth('all')).toMatchObject({ sleeping: 0, parked: 2, active: 1 })
      expect((await queue.view.depth('all')).lagMs).toBeLessThan(LONG_MS)
      release.open()
      await log.reaches(7)
      expect(log.entries).toEqual([
        'start e.1',
        'start e.2',
        'end e.2',
        'start e.1',
        'end e.1',
        'start e.3',
        'end e.3',
      ])
    })

    it('does not count among the waiting where the bound is drawn', async () => {
      await queue.setBounds('all', { order: 'conversation', maxWaiting: 1 })
      const log = new Log<string>()
      await work(async (job) => {
        log.add(job.id)
        return asleepFor(LONG_MS)
      })
      for (const id of ['e.1', 'e.2', 'e.3']) {
        expect(await put(id)).toEqual(['enqueued'])
        await log.reaches(Number(id.slice(2)))
        await expect.poll(() => queue.view.depth('all')).toMatchObject({ sleeping: Number(id.slice(2)) })
      }
    })

    it('stays outside its lane for good where it had left it', async () => {
      const log = new Log<string>()
      const release = latch()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      let runs = 0
      await work(async (job) => {
        log.add(job.id)
        if (job.id === 'e.2') await release.promise
        if (job.id === 'e.2' || runs++ > 0) return done
        await job.leaveLane()
        return asleepFor(20)
      })
      await log.reaches(3)
      expect(log.entries).toEqual(['e.1', 'e.2', 'e.1'])
      release.open()
    })
  })
}
