import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome, Source, TakenJob, Wait } from '../src/index.ts'
import { event, type Harness, Log, latch } from './harness.ts'

const done: Outcome = { kind: 'completed' }
const LONG_MS = 3_600_000

const answer: Wait = { key: 'wait:answer', pattern: 'slack.message', subject: 'c', spec: '{}' }

const waitingFor = (waits: readonly Wait[], ms = LONG_MS): Outcome => ({
  kind: 'suspended',
  wakeAt: Date.now() + ms,
  waits,
})

/** What every implementation does with jobs that wait for events. */
export function describeWaits(name: string, open: () => Harness): void {
  describe(`a job that waits for an event, ${name}`, () => {
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

    function put(id: string, facts: { subject?: string; type?: string; interactive?: boolean } = {}) {
      const text = JSON.stringify({ id, type: 'slack.message', ...facts, data: { id } })
      return queue.sink.enqueue({ event: event(id, { ...facts, text }), subscriptions: ['all'] })
    }
    async function work(run: (job: TakenJob) => Promise<Outcome>, concurrency = 10) {
      const source = queue.source({ subscription: 'all', concurrency, run })
      sources.push(source)
      await source.start()
      return source
    }
    const isAsleep = (count = 1) =>
      expect.poll(() => queue.view.depth('all')).toMatchObject({ sleeping: count, active: 0 })

    /** Gives the event to the first who waits for it. */
    async function giveToFirst(job: TakenJob): Promise<Outcome> {
      for (const waiter of job.waiters)
        if ((await job.giveTo(waiter, `"${job.id}"`)) === 'given') return { kind: 'given' }
      return done
    }

    it('runs on in the place of the event that it is given, with its result, before all that wait', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await work(async (job) => {
        const text = job.steps.get(answer.key)
        log.add(`${job.id} ${text ?? ''}`)
        if (job.id === 'e.1' && text === undefined) return waitingFor([answer])
        return giveToFirst(job)
      })
      await isAsleep()
      await Promise.all(['e.2', 'e.3', 'e.4'].map((id) => put(id, { subject: 'c' })))
      await log.reaches(5)
      expect(log.entries).toEqual(['e.1 ', 'e.2 ', 'e.1 "e.2"', 'e.3 ', 'e.4 '])
      await expect.poll(async () => (await queue.view.record('all', 'e.2'))?.outcome).toBe('completed')
      await expect.poll(async () => (await queue.view.record('all', 'e.1'))?.outcome).toBe('completed')
      expect((await queue.view.record('all', 'e.1'))?.attempts).toBe(1)
      await expect
        .poll(() => queue.view.depth('all'))
        .toMatchObject({ waiting: 0, parked: 0, active: 0, sleeping: 0, failed: 0 })
    })

    it('is told by type and conversation, and by what may match them', async () => {
      const waits: readonly Wait[] = [
        { ...answer, key: 'exact' },
        { ...answer, key: 'any conversation', subject: '*' },
        { key: 'any at all', pattern: 'slack.*', spec: 'kept as it is' },
        { ...answer, key: 'another conversation', subject: 'd' },
        { ...answer, key: 'another type', pattern: 'slack.reaction_added' },
        { ...answer, key: 'others of its conversation', pattern: '*' },
      ]
      const seen = new Log<TakenJob['waiters']>()
      await put('e.1', { subject: 'c' })
      await work(async (job) => {
        if (job.id === 'e.1') return waitingFor(waits)
        seen.add(job.waiters)
        return done
      })
      await isAsleep()
      await put('e.2', { subject: 'c' })
      await put('e.3', { subject: 'x', type: 'slack.reaction_added' })
      await put('e.4')
      await seen.reaches(3)
      const keys = seen.entries.map((waiters) => waiters.map(({ wait }) => wait.key).sort())
      expect(keys.slice(0, 1)).toEqual([
        ['any at all', 'any conversation', 'exact', 'others of its conversation'],
      ])
      expect(keys.slice(1)).toEqual([['any at all'], ['any at all', 'any conversation']])
      expect(seen.entries[0]?.find(({ wait }) => wait.key === 'any at all')).toEqual({
        queue: 'all',
        jobId: 'e.1',
        wait: waits[2],
      })
    })

    it('is woken once, and waits for nothing while it runs', async () => {
      const log = new Log<string>()
      const running = latch()
      const other: Wait = { ...answer, key: 'wait:other', subject: '*' }
      await put('e.1', { subject: 'c' })
      const results = new Log<string>()
      let first: TakenJob['waiters'] = []
      await work(async (job) => {
        log.add(job.id)
        if (job.id === 'e.1' && job.steps.size === 0) return waitingFor([answer, other])
        if (job.id === 'e.1') await running.promise
        if (job.id === 'e.2') first = job.waiters
        for (const waiter of job.id === 'e.1' ? [] : first) results.add(await job.giveTo(waiter, '1'))
        return results.entries.length === 1 ? { kind: 'given' } : done
      })
      await isAsleep()
      await put('e.2', { subject: 'd' })
      await log.reaches(3)
      expect(first.map(({ wait }) => wait.key)).toEqual(['wait:other'])
      await put('e.3', { subject: 'd' })
      await results.reaches(2)
      expect(results.entries).toEqual(['given', 'gone'])
      running.open()
      await expect.poll(async () => (await queue.view.record('all', 'e.3'))?.outcome).toBe('completed')
      expect(log.entries).toEqual(['e.1', 'e.2', 'e.1', 'e.3'])
    })

    it('that waited longest comes first, also when something else woke it in between', async () => {
      const log = new Log<string>()
      const order = new Log<readonly string[]>()
      await work(async (job) => {
        log.add(job.id)
        if (job.id.startsWith('e.')) {
          const runs = log.entries.filter((id) => id === job.id).length
          return waitingFor([{ ...answer, subject: 'z' }], job.id === 'e.1' && runs === 1 ? 30 : LONG_MS)
        }
        order.add(job.waiters.map(({ jobId }) => jobId))
        return done
      })
      await put('e.1', { subject: 'a' })
      await log.reaches(1)
      await put('e.2', { subject: 'b' })
      await log.reaches(3)
      await isAsleep(2)
      await put('f.1', { subject: 'z' })
      await order.reaches(1)
      expect(order.entries).toEqual([['e.1', 'e.2']])
    })

    it('of the ordered queue is woken by an interactive event, behind what runs in its conversation', async () => {
      const log = new Log<string>()
      const release = latch()
      await put('e.1', { subject: 'c' })
      await work(async (job) => {
        log.add(`${job.id} ${job.steps.get(answer.key) ?? ''}`)
        if (job.id === 'e.1' && job.steps.size === 0) return waitingFor([{ ...answer, pattern: '*' }])
        if (job.id === 'e.2') await release.promise
        if (job.queue === 'all.interactive') return giveToFirst(job)
        return done
      })
      await isAsleep()
      await put('e.2', { subject: 'c' })
      await log.reaches(2)
      await put('e.3', { subject: 'c' })
      await put('i.1', { subject: 'c', interactive: true })
      await log.reaches(3)
      await expect.poll(() => queue.view.depth('all')).toMatchObject({ parked: 2, active: 1, sleeping: 0 })
      release.open()
      await log.reaches(5)
      expect(log.entries).toEqual(['e.1 ', 'e.2 ', 'i.1 ', 'e.1 "i.1"', 'e.3 '])
    })

    it('is not offered an event that a handler has had in its hands', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await work(async (job) => {
        log.add(`${job.id} ${job.attempt} ${job.waiters.length}`)
        if (job.id === 'e.1') return waitingFor([{ ...answer, subject: '*' }])
        if (job.id === 'e.2' && job.attempt === 1) return { kind: 'retry', delayMs: 1, reason: 'no' }
        if (job.id === 'e.3' && job.steps.size === 0) {
          await job.recordStep('post', '1')
          return { kind: 'passed', delayMs: 1 }
        }
        if (job.id === 'e.4' && log.entries.length < 7) return { kind: 'passed', delayMs: 1 }
        return done
      })
      await isAsleep()
      for (const [id, count] of [
        ['e.2', 3],
        ['e.3', 5],
        ['e.4', 7],
      ] as const) {
        await put(id)
        await log.reaches(count)
      }
      expect(log.entries).toEqual([
        'e.1 1 0',
        'e.2 1 1',
        'e.2 2 0',
        'e.3 1 1',
        'e.3 1 0',
        'e.4 1 1',
        'e.4 1 1',
      ])
    })

    it('finds an interactive event that came before, once, and its dead letter is none any more', async () => {
      const log = new Log<string>()
      const found = new Log<readonly string[]>()
      await work(async (job) => {
        log.add(job.id)
        if (job.id === 'i.1') return { kind: 'dead', reason: 'no-handler: nobody has one' }
        if (job.id === 'i.2') return done
        const wait: Wait = { key: 'wait:click', pattern: 'slack.message', subject: 'c', spec: '' }
        const past = await job.pastEvents(wait, 0)
        const taken: string[] = []
        for (const each of past)
          taken.push(`${each.id} ${await job.takePast(each, wait.key, `"${each.id}"`)}`)
        for (const each of past) taken.push(await job.takePast(each, 'again', '1'))
        found.add(taken)
        return done
      })
      await put('i.1', { subject: 'c', interactive: true })
      await put('i.2', { subject: 'd', interactive: true })
      await log.reaches(2)
      await expect.poll(async () => (await queue.view.depth('all.interactive')).failed).toBe(1)
      await put('e.1', { subject: 'c' })
      await found.reaches(1)
      await put('e.2', { subject: 'c' })
      await found.reaches(2)
      expect(found.entries).toEqual([['i.1 taken', 'gone'], []])
      expect((await queue.view.depth('all.interactive')).failed).toBe(0)
      expect((await queue.view.record('all.interactive', 'i.1'))?.outcome).toBe('completed')
    })

    it('is not given an event that another, who waited later, has found among the past ones', async () => {
      const log = new Log<string>()
      const taken = latch()
      const wait: Wait = { ...answer, subject: '*' }
      await work(async (job) => {
        if (job.id === 'e.1' && job.steps.size === 0) return waitingFor([wait])
        if (job.id === 'e.2') {
          const [past] = await job.pastEvents(wait, 0)
          if (past) log.add(`e.2 ${await job.takePast(past, wait.key, '1')}`)
          taken.open()
        }
        if (job.id !== 'i.1') return done
        log.add(`i.1 begins, ${job.waiters.length} wait`)
        await taken.promise
        for (const waiter of job.waiters) log.add(await job.giveTo(waiter, '2'))
        return log.entries.length < 4 ? { kind: 'returned' } : done
      })
      await put('e.1', { subject: 'c' })
      await isAsleep()
      await put('i.1', { subject: 'd', interactive: true })
      await log.reaches(1)
      await put('e.2', { subject: 'e', type: 'slack.reaction_added' })
      await log.reaches(4)
      expect(log.entries).toEqual(['i.1 begins, 1 wait', 'e.2 taken', 'gone', 'i.1 begins, 0 wait'])
    })

    it('finds past events by when they were begun, and of others only where somebody waits', async () => {
      const found = new Log<readonly string[]>()
      const log = new Log<string>()
      await work(async (job) => {
        log.add(job.id)
        if (job.id === 'e.1') return waitingFor([{ ...answer, subject: 'nowhere' }])
        if (!job.id.startsWith('ask')) return done
        const ids = async (sinceAt: number) =>
          (await job.pastEvents({ ...answer, subject: '*' }, sinceAt)).map(({ id }) => id)
        found.add([...(await ids(0)), ...(await ids(Date.now() + 60_000))])
        return done
      })
      await put('free.1')
      await log.reaches(1)
      await put('e.1', { subject: 'c' })
      await isAsleep()
      await put('free.2')
      await put('e.2', { subject: 'c' })
      await log.reaches(4)
      await put('ask.1')
      await found.reaches(1)
      expect(found.entries).toEqual([['free.2']])
    })

    it('runs again at once where its event came after it looked, and does not for what it has looked at', async () => {
      const log = new Log<string>()
      const looked = latch()
      const goOn = latch()
      const wait: Wait = { key: 'wait:click', pattern: 'slack.message', subject: 'c', spec: '' }
      await put('i.0', { subject: 'c', interactive: true })
      await work(async (job) => {
        if (job.id.startsWith('i.')) {
          log.add(job.id)
          return done
        }
        const past = await job.pastEvents(wait, 0)
        log.add(`${job.id} ${past.map(({ id }) => id)}`)
        if (log.entries.length === 2) {
          looked.open()
          await goOn.promise
        }
        return waitingFor([wait])
      })
      await log.reaches(1)
      await put('e.1', { subject: 'c' })
      await looked.promise
      await put('i.1', { subject: 'c', interactive: true })
      await log.reaches(3)
      goOn.open()
      await log.reaches(4)
      await isAsleep()
      expect(log.entries).toEqual(['i.0', 'e.1 i.0', 'i.1', 'e.1 i.0,i.1'])
    })

    it('tells when its last step was recorded, and, as a run begins, when the one before it was', async () => {
      const times = new Log<readonly number[]>()
      await put('e.1')
      await work(async (job) => {
        const began = [job.stepBeforeAt, job.lastStepAt]
        if (job.attempt > 3) return done
        if (job.attempt < 3) {
          await new Promise((resolve) => setTimeout(resolve, 5))
          await job.recordStep(`post ${job.attempt}`, '1')
        }
        times.add([...began, job.lastStepAt])
        return { kind: 'retry', delayMs: 1, reason: 'again' }
      })
      await times.reaches(3)
      const enqueuedAt = (await queue.view.record('all', 'e.1'))?.enqueuedAt ?? 0
      const [first = 0, second = 0] = times.entries.map((all) => all[2])
      expect(first).toBeGreaterThan(enqueuedAt)
      expect(second).toBeGreaterThan(first)
      expect(times.entries).toEqual([
        [enqueuedAt, enqueuedAt, first],
        [enqueuedAt, first, second],
        [first, second, second],
      ])
    })
  })
}
