import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome, Source, TakenJob } from '../src/index.ts'
import { event, type Harness, Log, latch } from './harness.ts'

const done: Outcome = { kind: 'completed' }

/** What every implementation of the queue does, wherever it keeps it. */
export function describeQueue(name: string, open: () => Harness): void {
  describe(`the queue ${name}`, () => {
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

    const put = (id: string, facts = {}, to = ['all']) =>
      queue.sink.enqueue({ event: event(id, facts), subscriptions: to })
    async function work(run: (job: TakenJob) => Promise<Outcome>, concurrency = 10, subscription = 'all') {
      const source = queue.source({ subscription, concurrency, run })
      sources.push(source)
      await source.start()
      return source
    }

    it('hands an event to each subscription that wants it, unchanged', async () => {
      const seen = new Log<string>()
      const text = '{"id":"e.1","data":{"big":123456789012345678901234567890,"s":"\\u00e9"}}'
      expect(await put('e.1', { text }, ['one', 'two'])).toEqual(['enqueued', 'enqueued'])
      for (const name of ['one', 'two'])
        await work(
          async (job) => {
            seen.add(`${name} ${JSON.stringify(job.data)}`)
            return done
          },
          1,
          name,
        )
      await seen.reaches(2)
      expect(seen.entries.sort()).toEqual(
        ['one', 'two'].map((name) => `${name} ${JSON.stringify(JSON.parse(text))}`),
      )
    })

    it('confirms an event that nobody wants at once', async () => {
      expect(await put('e.1', {}, [])).toEqual([])
    })

    it('enqueues the same fact once per subscription, also after it was handled', async () => {
      const handled = new Log<string>()
      expect(await put('e.1')).toEqual(['enqueued'])
      expect(await put('e.1')).toEqual(['duplicate'])
      await work(async (job) => {
        handled.add(job.id)
        return done
      })
      await handled.reaches(1)
      expect(await put('e.1')).toEqual(['duplicate'])
      expect(await put('e.1', {}, ['other'])).toEqual(['enqueued'])
      await put('e.2')
      await handled.reaches(2)
      expect(handled.entries).toEqual(['e.1', 'e.2'])
    })

    const publish = (id: string, number?: number, unit = 'bastion/0', to = ['all']) =>
      queue.sink.enqueue({
        event: event(id),
        subscriptions: to,
        ...(number !== undefined && { fence: { unit, number } }),
      })

    it('takes nothing of a unit under an older fencing number than one it has taken', async () => {
      expect(await publish('e.1', 7)).toEqual(['enqueued'])
      expect(await publish('e.2', 6, 'bastion/0', ['all', 'other'])).toEqual(['fenced', 'fenced'])
      expect(await publish('e.3', 7)).toEqual(['enqueued'])
      expect(await publish('e.4', 12)).toEqual(['enqueued'])
      expect(await publish('e.5', 7)).toEqual(['fenced'])
      expect(await publish('e.1', 7)).toEqual(['fenced'])
      expect(await publish('e.1', 12)).toEqual(['duplicate'])
      const seen = new Log<string>()
      await work(async (job) => {
        seen.add(job.id)
        return done
      }, 1)
      await seen.reaches(3)
      expect(seen.entries).toEqual(['e.1', 'e.3', 'e.4'])
      expect(await queue.view.record('all', 'e.2')).toBeUndefined()
      expect(await queue.view.record('other', 'e.2')).toBeUndefined()
    })

    it('fences each unit by itself, and nothing that comes without a number', async () => {
      expect(await publish('e.1', 9)).toEqual(['enqueued'])
      expect(await publish('e.2', 1, 'bastion/1')).toEqual(['enqueued'])
      expect(await publish('e.3', 1, 'bastion')).toEqual(['enqueued'])
      expect(await publish('e.4')).toEqual(['enqueued'])
      expect(await publish('e.5', 8)).toEqual(['fenced'])
    })

    it('fences event by event where several units and numbers come at once', async () => {
      expect(
        await Promise.all([
          publish('e.1', 4),
          publish('e.2', 5),
          publish('e.3', 4),
          publish('e.4', 4, 'bastion/1'),
          publish('e.5'),
          publish('e.6', 5),
          publish('e.7', 3, 'bastion/1'),
        ]),
      ).toEqual([
        ['enqueued'],
        ['enqueued'],
        ['fenced'],
        ['enqueued'],
        ['enqueued'],
        ['enqueued'],
        ['fenced'],
      ])
    })

    it('counts nothing of what it fenced as missed', async () => {
      await queue.setBounds('small', { order: 'none', maxWaiting: 1 })
      expect(await publish('e.1', 2, 'bastion/0', ['small'])).toEqual(['enqueued'])
      expect(await publish('e.2', 1, 'bastion/0', ['small'])).toEqual(['fenced'])
      expect(await queue.view.suspension('small')).toBeUndefined()
    })

    it('starts the events of one conversation one after the other, in the order of the enqueue', async () => {
      const log = new Log<string>()
      let inside = 0
      let most = 0
      for (let n = 0; n < 30; n++) void put(`e.${n}`, { subject: n % 2 === 0 ? 'even' : 'odd' })
      await work(async (job) => {
        inside++
        most = Math.max(most, inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
        log.add(job.id)
        return done
      })
      await log.reaches(30)
      const numbers = log.entries.map((id) => Number(id.slice(2)))
      const sorted = [...numbers].sort((a, b) => a - b)
      expect(numbers.filter((n) => n % 2 === 0)).toEqual(sorted.filter((n) => n % 2 === 0))
      expect(numbers.filter((n) => n % 2 === 1)).toEqual(sorted.filter((n) => n % 2 === 1))
      expect(most).toBe(2)
    })

    it('runs events without a conversation side by side', async () => {
      const started = new Log<string>()
      const release = latch()
      await put('e.1')
      await put('e.2')
      await work(async (job) => {
        started.add(job.id)
        await release.promise
        return done
      })
      await started.reaches(2)
      release.open()
    })

    it('orders by actor, or not at all, where the subscription says so', async () => {
      await queue.setBounds('by-actor', { order: 'actor', maxWaiting: 100 })
      await queue.setBounds('free', { order: 'none', maxWaiting: 100 })
      const started = new Log<string>()
      const release = latch()
      for (const name of ['by-actor', 'free']) {
        await put('e.1', { subject: 'c', actor: 'u1' }, [name])
        await put('e.2', { subject: 'c', actor: 'u1' }, [name])
        await put('e.3', { subject: 'c', actor: 'u2' }, [name])
        await work(
          async (job) => {
            started.add(`${name} ${job.id}`)
            await release.promise
            return done
          },
          10,
          name,
        )
      }
      await started.reaches(5)
      expect(started.entries).not.toContain('by-actor e.2')
      release.open()
      await started.reaches(6)
    })

    it('orders the events of one handler by its own order, beside those of the same conversation', async () => {
      const orders = [{ pattern: 'slack.*', order: 'none' as const }, { pattern: 'slack.message' }]
      await queue.setBounds('all', { order: 'conversation', orders, maxWaiting: 100 })
      const started = new Log<string>()
      const release = latch()
      await put('m.1', { subject: 'c' })
      await put('m.2', { subject: 'c' })
      await put('r.1', { subject: 'c', type: 'slack.reaction_added' })
      await put('r.2', { subject: 'c', type: 'slack.reaction_added' })
      await work(async (job) => {
        started.add(job.id)
        await release.promise
        return done
      })
      await started.reaches(3)
      expect([...started.entries].sort()).toEqual(['m.1', 'r.1', 'r.2'])
      release.open()
      await started.reaches(4)
      expect(started.entries.at(-1)).toBe('m.2')
    })

    it('holds one bound over all orders of a subscription', async () => {
      const orders = [{ pattern: 'slack.reaction_added', order: 'none' as const }]
      await queue.setBounds('all', { order: 'conversation', orders, maxWaiting: 2 })
      const reaction = { subject: 'c', type: 'slack.reaction_added' }
      const results = await Promise.all([
        put('r.1', reaction),
        put('m.1', { subject: 'c' }),
        put('r.2', reaction),
      ])
      expect(results.flat()).toEqual(['enqueued', 'enqueued', 'suspended'])
    })

    it('names who holds a lane for long while others wait behind it, until it leaves the lane', async () => {
      const begun = new Log<TakenJob>()
      const release = latch()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      await put('e.3', { subject: 'free' })
      await work(async (job) => {
        begun.add(job)
        await release.promise
        return done
      })
      await begun.reaches(2)
      const found = await queue.view.blockers('all', 0)
      expect(found).toEqual([
        { id: 'e.1', type: 'slack.message', lane: 'c', heldMs: expect.any(Number), waitingCount: 1 },
      ])
      expect(await queue.view.blockers('all', 60_000)).toEqual([])
      await begun.entries.find(({ id }) => id === 'e.1')?.leaveLane()
      expect(await queue.view.blockers('all', 0)).toEqual([])
      release.open()
    })

    it('keeps interactive events in slots of their own, outside the lanes', async () => {
      const started = new Log<string>()
      const release = latch()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c', interactive: true })
      await work(async (job) => {
        started.add(`${job.queue} ${job.id}`)
        await release.promise
        return done
      }, 1)
      await started.reaches(2)
      expect(started.entries.sort()).toEqual(['all e.1', 'all.interactive e.2'])
      release.open()
    })

    it('keeps the conversation waiting while its head waits for another try', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      await work(async (job) => {
        log.add(`${job.id} ${job.attempt}`)
        return job.id === 'e.1' && job.attempt === 1 ? { kind: 'retry', delayMs: 20, reason: 'no' } : done
      })
      await log.reaches(3)
      expect(log.entries).toEqual(['e.1 1', 'e.1 2', 'e.2 1'])
    })

    it('offers a passed job again, without spending an attempt and without losing its place', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      let passes = 0
      await work(async (job) => {
        log.add(`${job.id} ${job.attempt}`)
        return job.id === 'e.1' && passes++ < 3 ? { kind: 'passed', delayMs: 1 } : done
      })
      await log.reaches(5)
      expect(log.entries).toEqual(['e.1 1', 'e.1 1', 'e.1 1', 'e.1 1', 'e.2 1'])
      await expect.poll(async () => (await queue.view.record('all', 'e.1'))?.attempts).toBe(1)
    })

    it('lets the conversation go on after a dead letter', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      await work(async (job) => {
        log.add(job.id)
        return job.id === 'e.1' ? { kind: 'dead', reason: 'cannot be handled' } : done
      })
      await log.reaches(2)
      await expect.poll(async () => (await queue.view.depth('all')).failed).toBe(1)
      expect((await queue.view.record('all', 'e.1'))?.outcome).toBe('dead')
    })

    it('lets the next event start as soon as its head leaves the lane', async () => {
      const log = new Log<string>()
      const release = latch()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      await work(async (job) => {
        log.add(`start ${job.id}`)
        if (job.id === 'e.1') {
          expect(await job.leaveLane()).toBe('left')
          await release.promise
        }
        log.add(`end ${job.id}`)
        return done
      })
      await log.reaches(3)
      expect(log.entries).toEqual(['start e.1', 'start e.2', 'end e.2'])
      release.open()
      await log.reaches(4)
    })

    it('gives a returned job to another worker first, without spending an attempt', async () => {
      const log = new Log<string>()
      await put('e.1', { subject: 'c' })
      await put('e.2', { subject: 'c' })
      const first = await work(async (job) => {
        log.add(`first ${job.id}`)
        await new Promise((resolve) => job.signal.addEventListener('abort', resolve))
        expect(job.signal.reason).toBe('drain')
        return { kind: 'returned' }
      })
      await log.reaches(1)
      await first.pause()
      first.abort()
      await first.stop()
      await work(async (job) => {
        log.add(`second ${job.id} ${job.attempt}`)
        return done
      })
      await log.reaches(3)
      expect(log.entries).toEqual(['first e.1', 'second e.1 1', 'second e.2 1'])
    })

    it('remembers finished steps for the next try', async () => {
      const log = new Log<string>()
      await put('e.1')
      await work(async (job) => {
        log.add(JSON.stringify([...job.steps]))
        if (job.attempt === 1) {
          expect(await job.recordStep('report', '{"pages":3}')).toBe('recorded')
          return { kind: 'retry', delayMs: 1, reason: 'again' }
        }
        return done
      })
      await log.reaches(2)
      expect(log.entries).toEqual(['[]', '[["report","{\\"pages\\":3}"]]'])
    })

    it('makes a dead letter of a job whose run rejects, and says so', async () => {
      const problems = new Log<string>()
      const source = queue.source({
        subscription: 'all',
        concurrency: 1,
        run: () => Promise.reject(new Error('a bug in the SDK')),
        onProblem: (problem) => problems.add(problem.code),
      })
      sources.push(source)
      await source.start()
      await put('e.1')
      await problems.reaches(1)
      expect(problems.entries).toEqual(['run-rejected'])
      await expect.poll(async () => (await queue.view.depth('all')).failed).toBe(1)
    })

    it('counts parked, active and retrying apart from waiting, and tells the age of the oldest', async () => {
      const started = new Log<string>()
      const release = latch()
      await work(async (job) => {
        started.add(job.id)
        if (job.id === 'e.retry') return { kind: 'retry', delayMs: 60_000, reason: 'later' }
        await release.promise
        return done
      }, 3)
      for (const id of ['e.1', 'e.2', 'e.3']) await put(id, { subject: 'hot' })
      await put('e.retry')
      await started.reaches(2)
      await expect
        .poll(() => queue.view.depth('all'))
        .toMatchObject({ waiting: 0, parked: 2, active: 1, retrying: 1, sleeping: 0 })
      await expect.poll(async () => (await queue.view.depth('all')).lagMs).toBeGreaterThan(0)
      release.open()
      await started.reaches(4)
      await expect
        .poll(() => queue.view.depth('all'))
        .toMatchObject({ waiting: 0, parked: 0, active: 0, lagMs: 0 })
    })

    it('keeps a record of each event: type, times, outcome', async () => {
      await put('e.1')
      expect(await queue.view.record('all', 'e.1')).toMatchObject({ id: 'e.1', type: 'slack.message' })
      expect((await queue.view.record('all', 'e.1'))?.outcome).toBeUndefined()
      await work(async () => done)
      await expect.poll(async () => (await queue.view.record('all', 'e.1'))?.outcome).toBe('completed')
      const record = await queue.view.record('all', 'e.1')
      expect(record?.attempts).toBe(1)
      expect(record?.startedAt).toBeGreaterThanOrEqual(record?.enqueuedAt ?? Number.NaN)
      expect(record?.finishedAt).toBeGreaterThanOrEqual(record?.startedAt ?? Number.NaN)
      expect(await queue.view.record('all', 'e.never')).toBeUndefined()
    })

    it('suspends a subscription at its bound, counts what it misses, and leaves the others alone', async () => {
      await queue.setBounds('small', { order: 'conversation', maxWaiting: 3 })
      const to = ['small', 'all']
      for (const id of ['e.1', 'e.2', 'e.3']) expect(await put(id, {}, to)).toEqual(['enqueued', 'enqueued'])
      expect(await put('e.4', {}, to)).toEqual(['suspended', 'enqueued'])
      expect(await queue.view.suspension('small')).toMatchObject({ reason: 'full', missedCount: 1 })
      expect(await queue.view.suspension('all')).toBeUndefined()
      const handled = new Log<string>()
      await work(
        async (job) => {
          handled.add(job.id)
          return done
        },
        1,
        'small',
      )
      await handled.reaches(3)
      expect(await put('e.5', {}, to)).toEqual(['suspended', 'enqueued'])
      const gap = { event: event('gap.1', { type: 'holdfast.gap' }), subscriptions: ['small'] }
      expect(await queue.sink.enqueue({ ...gap, liftsMissedCount: 1 })).toEqual(['suspended'])
      expect(await queue.sink.enqueue({ ...gap, liftsMissedCount: 2 })).toEqual(['enqueued'])
      expect(await put('e.6', {}, to)).toEqual(['enqueued', 'enqueued'])
      await handled.reaches(5)
      expect(handled.entries).toEqual(['e.1', 'e.2', 'e.3', 'gap.1', 'e.6'])
    })

    it('suspends a queue on which nobody works, until its gap is told', async () => {
      await put('e.1')
      await queue.view.suspendIdle('all')
      expect(await put('e.2')).toEqual(['suspended'])
      expect(await queue.view.suspension('all')).toMatchObject({ reason: 'idle', missedCount: 1 })
      const gap = event('gap.1', { type: 'holdfast.gap' })
      const lifted = await queue.sink.enqueue({ event: gap, subscriptions: ['all'], liftsMissedCount: 1 })
      expect(lifted).toEqual(['enqueued'])
      expect(await put('e.3')).toEqual(['enqueued'])
      expect(await queue.view.suspension('all')).toBeUndefined()
    })

    it('stops taking when paused, and ends when the last job has ended', async () => {
      const started = new Log<string>()
      const release = latch()
      await put('e.1')
      const source = await work(async (job) => {
        started.add(job.id)
        await release.promise
        return done
      }, 1)
      await started.reaches(1)
      await source.pause()
      await put('e.2')
      expect(source.activeCount).toBe(1)
      release.open()
      await source.stop()
      await source.stop()
      expect(source.activeCount).toBe(0)
      expect(started.entries).toEqual(['e.1'])
      expect(await queue.view.depth('all')).toMatchObject({ waiting: 1, active: 0 })
    })

    it('refuses events after its sink was stopped', async () => {
      await put('e.1')
      await queue.sink.stop()
      await expect(put('e.2')).rejects.toMatchObject({ code: 'stopped' })
    })

    it('joins the patterns of live workers with those last declared', async () => {
      const wish = { subscription: 'all', order: 'conversation' as const }
      const first = await queue.registry.declare({ ...wish, workerId: 'w1', patterns: ['slack.message'] })
      const second = await queue.registry.declare({ ...wish, workerId: 'w2', patterns: ['discord.*'] })
      expect(second).toBeGreaterThan(first)
      const both = await queue.registry.wishes()
      expect(both.version).toBe(second)
      expect([...(both.subscriptions[0]?.patterns ?? [])].sort()).toEqual(['discord.*', 'slack.message'])
      await queue.registry.withdraw('w1')
      await queue.registry.withdraw('w2')
      expect((await queue.registry.wishes()).subscriptions[0]?.patterns).toEqual(['discord.*'])
    })

    it('joins the orders of handlers over live workers; where two differ, the last declared one is used', async () => {
      const wish = { subscription: 'all', order: 'conversation' as const, patterns: ['slack.*'] }
      const own = (pattern: string, order: 'none' | 'actor') => ({ orders: [{ pattern, order }] })
      const orders = async () => (await queue.registry.wishes()).subscriptions[0]?.orders
      await queue.registry.declare({ ...wish, ...own('slack.*', 'none'), workerId: 'w1' })
      await queue.registry.declare({ ...wish, ...own('slack.message', 'actor'), workerId: 'w2' })
      expect(await orders()).toHaveLength(2)
      await queue.registry.declare({ ...wish, workerId: 'w3' })
      expect(await orders()).toEqual([{ pattern: 'slack.*' }, { pattern: 'slack.message', order: 'actor' }])
      for (const id of ['w1', 'w2', 'w3']) await queue.registry.withdraw(id)
      expect(await orders()).toBeUndefined()
    })

    it('has the bounds that a worker declared, and keeps them where the next one names none; the file wins', async () => {
      const wish = { workerId: 'w1', subscription: 'all', patterns: ['slack.*'], order: 'none' as const }
      const bounds = { maxWaiting: 5, maxIdleMs: 60_000 }
      await queue.registry.declare({ ...wish, ...bounds })
      await queue.registry.declare({ ...wish, workerId: 'w2' })
      expect((await queue.registry.wishes()).subscriptions).toMatchObject([bounds])
      await queue.registry.declareFixed([{ name: 'all', patterns: ['slack.*'], maxWaiting: 9 }])
      await queue.registry.declare({ ...wish, ...bounds })
      expect((await queue.registry.wishes()).subscriptions).toMatchObject([
        { maxWaiting: 9, maxIdleMs: 7 * 24 * 3_600_000 },
      ])
    })

    it('is for development until it is declared for more', async () => {
      const wish = { workerId: 'w1', subscription: 'all', patterns: ['slack.*'], order: 'none' as const }
      const expiry = async () => (await queue.registry.wishes()).subscriptions[0]?.devExpiryMs
      await queue.registry.declare({ ...wish, devExpiryMs: 1_000 })
      await queue.registry.declare({ ...wish, devExpiryMs: 2_000 })
      expect(await expiry()).toBe(2_000)
      await queue.registry.declare(wish)
      expect(await expiry()).toBeUndefined()
      await queue.registry.declare({ ...wish, devExpiryMs: 2_000 })
      expect(await expiry()).toBeUndefined()
    })

    it('lets handlers have their own order in a subscription that the configuration fixed', async () => {
      const fixed = [{ name: 'all', patterns: ['slack.*'], order: 'actor' as const }]
      await queue.registry.declareFixed(fixed)
      const orders = [{ pattern: 'slack.message', order: 'none' as const }]
      const wish = {
        workerId: 'w1',
        subscription: 'all',
        patterns: ['slack.message'],
        order: 'none' as const,
      }
      await queue.registry.declare({ ...wish, orders })
      await queue.registry.withdraw('w1')
      await queue.registry.declareFixed(fixed)
      expect((await queue.registry.wishes()).subscriptions).toMatchObject([{ order: 'actor', orders }])
    })

    it('tells what each live worker of a subscription declared', async () => {
      const wish = { workerId: 'w1', subscription: 'all', order: 'none' as const, patterns: ['slack.*'] }
      const handling = { ...wish, workerId: 'w2', handles: ['slack.message'] }
      for (const each of [wish, handling, { ...wish, workerId: 'w3', subscription: 'other' }])
        await queue.registry.declare(each)
      const wishers = await queue.registry.wishers('all')
      expect([...wishers].sort((a, b) => a.workerId.localeCompare(b.workerId))).toEqual([wish, handling])
      await queue.registry.withdraw('w1')
      expect(await queue.registry.wishers('all')).toEqual([handling])
    })

    it('frees a subscription that the configuration no longer names, with all that waits in it', async () => {
      await queue.registry.declareFixed([{ name: 'all', patterns: ['slack.message'], maxWaiting: 7 }])
      await queue.registry.declareFixed([{ name: 'other', patterns: ['discord.*'] }])
      await queue.registry.declare({
        workerId: 'w1',
        subscription: 'all',
        patterns: ['slack.reaction_added'],
        order: 'none',
      })
      const { subscriptions } = await queue.registry.wishes()
      expect(subscriptions.find(({ name }) => name === 'all')).toMatchObject({
        patterns: ['slack.reaction_added'],
        maxWaiting: 7,
        fixed: false,
      })
      expect(subscriptions.find(({ name }) => name === 'other')).toMatchObject({ fixed: true })
    })

    it('lets no worker change a subscription that the configuration fixed', async () => {
      await queue.registry.declareFixed([{ name: 'all', patterns: ['slack.message'] }])
      await queue.registry.declare({
        workerId: 'w1',
        subscription: 'all',
        order: 'none',
        patterns: ['discord.*'],
      })
      expect((await queue.registry.wishes()).subscriptions).toMatchObject([
        { name: 'all', patterns: ['slack.message'], order: 'conversation', fixed: true },
      ])
    })

    it('tells when every live gateway knows a wish', async () => {
      const changes = new Log<number>()
      const unwatch = queue.registry.watch(() => changes.add(1))
      await queue.registry.note('g1', 0)
      const version = await queue.registry.declare({
        workerId: 'w1',
        subscription: 'all',
        order: 'none',
        patterns: ['slack.*'],
      })
      await changes.reaches(1)
      expect(await queue.registry.awaitNoted(version, 0)).toBe('timeout')
      await queue.registry.note('g1', version)
      expect(await queue.registry.awaitNoted(version, 1_000)).toBe('noted')
      unwatch()
    })
  })
}
