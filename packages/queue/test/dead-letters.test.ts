import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDeadLetters, type Outcome, type Source, type TakenJob } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { ByHand } from './by-hand.ts'
import { event, type Harness, Log, memoryHarness, redis, redisHarness } from './harness.ts'

const done: Outcome = { kind: 'completed' }
const dead = (reason: string, stack?: string): Outcome => ({
  kind: 'dead',
  reason,
  ...(stack ? { stack } : {}),
})

describe.each([
  ['in memory', memoryHarness],
  ['on Redis', () => redisHarness()],
] as const)('dead letters %s', (_, open) => {
  let queue: Harness
  let sources: Source[]
  beforeEach(() => {
    queue = open()
    sources = []
  })
  afterEach(async () => {
    await Promise.all(sources.map((source) => source.stop()))
    await queue.close()
  })

  const put = (id: string, facts = {}) =>
    queue.sink.enqueue({ event: event(id, facts), subscriptions: ['all'] })
  async function work(run: (job: TakenJob) => Promise<Outcome>): Promise<Source> {
    const source = queue.source({ subscription: 'all', concurrency: 10, run })
    sources.push(source)
    await source.start()
    return source
  }
  /** Puts the events and lets each become a dead letter, one after the other. */
  async function bury(ids: readonly string[], outcome: (id: string) => Outcome, facts = {}) {
    const source = await work(async (job) => outcome(job.id))
    for (const [n, id] of ids.entries()) {
      const before = await queue.deadLetters.count('all')
      await put(id, facts)
      await expect.poll(() => queue.deadLetters.count('all'), { interval: 2 }).toBe(before + 1)
      expect(n).toBeLessThan(ids.length)
    }
    await source.stop()
  }
  const idsOf = async (options = {}) =>
    (await queue.deadLetters.list('all', options)).letters.map(({ id }) => id)

  it('are listed over both queues, the oldest first, page by page, also while others come and go', async () => {
    await bury(['e.1', 'e.2', 'e.3'], () => dead('no'))
    await bury(['i.1', 'i.2'], () => dead('no'), { interactive: true })
    const first = await queue.deadLetters.list('all', { limit: 2 })
    expect(first.letters.map(({ id }) => id)).toEqual(['e.1', 'e.2'])
    expect(await queue.deadLetters.drop('all', { ids: ['e.2', 'gone'] })).toBe(1)
    const { next: after } = first
    const second = await queue.deadLetters.list('all', { limit: 2, ...(after && { after }) })
    expect(second.letters.map(({ id, queue: from }) => `${from} ${id}`)).toEqual([
      'all e.3',
      'all.interactive i.1',
    ])
    const rest = await queue.deadLetters.list('all', { limit: 2, ...(second.next && { after: second.next }) })
    expect(rest).toMatchObject({ letters: [{ id: 'i.2' }] })
    expect(rest.next).toBeUndefined()
    expect(await queue.deadLetters.count('all')).toBe(4)
    expect(await queue.deadLetters.list('other')).toEqual({ letters: [] })
  })

  it('are chosen by type, by a part of the reason and by age', async () => {
    await bury(['e.1'], () => dead('no-handler: none for slack.message'))
    await bury(['e.2'], () => dead('TypeError: x is undefined'), { type: 'discord.MESSAGE_CREATE' })
    await bury(['e.3'], () => dead('No-Handler: none'), { type: 'slack.interactive.block_actions' })
    expect(await idsOf({ type: 'slack.*' })).toEqual(['e.1', 'e.3'])
    expect(await idsOf({ reason: 'no-handler' })).toEqual(['e.1', 'e.3'])
    expect(await idsOf({ type: 'discord.*', reason: 'no-handler' })).toEqual([])
    const { letters } = await queue.deadLetters.list('all')
    const last = letters.at(-1)?.diedAt ?? 0
    const earlier = letters.filter(({ diedAt }) => diedAt < last).map(({ id }) => id)
    expect(await idsOf({ diedBefore: last })).toEqual(earlier)
    await expect(idsOf({ type: 'slak.*' })).rejects.toMatchObject({
      code: 'filter',
      message: expect.stringContaining('did you mean'),
    })
  })

  it('are shown in full: event, reason, stack, attempts and the steps that are done', async () => {
    await put('e.1', { text: '{"id":"e.1","data":{"n":1}}' })
    const source = await work(async (job) => {
      await job.recordStep('step:report', '1')
      if (job.attempt < 2) return { kind: 'retry', delayMs: 1, reason: 'not yet' }
      return dead('Error: no', 'Error: no\n    at handler')
    })
    await expect.poll(() => queue.deadLetters.count('all')).toBe(1)
    await source.stop()
    const letter = await queue.deadLetters.show('all', 'e.1')
    expect(letter).toEqual({
      queue: 'all',
      id: 'e.1',
      type: 'slack.message',
      reason: 'Error: no',
      stack: 'Error: no\n    at handler',
      attemptCount: 2,
      enqueuedAt: expect.any(Number),
      diedAt: expect.any(Number),
      data: { id: 'e.1', data: { n: 1 } },
      steps: ['step:report'],
    })
    expect(letter?.diedAt).toBeGreaterThanOrEqual(letter?.enqueuedAt ?? Number.NaN)
    expect(await queue.deadLetters.show('all', 'e.2')).toBeUndefined()
  })

  it('that are retried run again with all attempts, after their finished steps, outside of the order, and without an outcome', async () => {
    const runs = new Log<Pick<TakenJob, 'attempt' | 'deathCount'> & { id: string; steps: string[] }>()
    const subject = 'c'
    await put('e.1', { subject })
    const first = await work(async (job) => {
      await job.recordStep('step:report', '1')
      await job.recordStep('tries/wait', '{}')
      await job.recordStep('wait#1', '{}')
      if (job.attempt < 3) return { kind: 'retry', delayMs: 1, reason: 'not yet' }
      return dead('no')
    })
    await expect.poll(() => queue.deadLetters.count('all')).toBe(1)
    await first.stop()
    expect(await queue.view.record('all', 'e.1')).toMatchObject({ outcome: 'dead', attempts: 3 })
    await put('e.2', { subject })
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    expect(await queue.deadLetters.retry('all', { ids: ['e.1', 'e.1', 'gone'] })).toBe(1)
    expect(await queue.deadLetters.retry('all', { ids: ['e.1'] })).toBe(0)
    expect(await queue.view.record('all', 'e.1')).not.toHaveProperty('outcome')
    await work(async (job) => {
      runs.add({
        id: job.id,
        attempt: job.attempt,
        deathCount: job.deathCount,
        steps: [...job.steps.keys()],
      })
      // The conversation is held by another, and that does not hold up what is outside of it.
      if (job.id === 'e.2') await held
      return done
    })
    await runs.reaches(2)
    expect(runs.entries).toContainEqual({ id: 'e.1', attempt: 1, deathCount: 0, steps: ['step:report'] })
    await expect.poll(async () => (await queue.view.record('all', 'e.1'))?.outcome).toBe('completed')
    release?.()
    expect(await queue.deadLetters.count('all')).toBe(0)
  })

  it('are retried once each by a choice, although they die again, and the oldest first where it has a limit', async () => {
    const ids = Array.from({ length: 4 }, (_, n) => `e.${n}`)
    await bury(ids, () => dead('no-handler'))
    expect(await queue.deadLetters.retry('all', { reason: 'no-handler', limit: 3 })).toBe(3)
    expect(await idsOf()).toEqual(['e.3'])
    const runs = new Log<string>()
    await work(async (job) => {
      runs.add(job.id)
      return dead('again')
    })
    await expect.poll(() => queue.deadLetters.count('all')).toBe(4)
    expect(runs.entries.sort()).toEqual(['e.0', 'e.1', 'e.2'])
    expect(await queue.deadLetters.drop('all', { reason: 'AGAIN' })).toBe(3)
    expect(await idsOf()).toEqual(['e.3'])
    expect(await queue.deadLetters.drop('all', {})).toBe(1)
    expect(await queue.view.depth('all')).toMatchObject({ failed: 0, waiting: 0 })
  })
})

describe('dead letters on Redis', () => {
  let hand: ByHand
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
  })
  afterEach(() => hand.stop())
  const open = () => createDeadLetters({ redis, prefix: hand.prefix })

  it('leave nothing behind when they are dropped, and wake a worker when they are retried', async () => {
    for (const id of ['e.1', 'e.2']) {
      await hand.put(id)
      const held = await hand.take('w')
      await hand.scripts().recordStep(held, 'step:report', '1')
      await hand.scripts().bury(held, 'no', undefined, 100)
    }
    await hand.client.del(`${hand.base}marker`)
    const letters = open()
    expect(await letters.drop('all', { ids: ['e.1'] })).toBe(1)
    expect(await letters.retry('all', {})).toBe(1)
    await letters.stop()
    expect(await hand.client.exists(`${hand.base}marker`)).toBe(1)
    const left = await hand.client.keys(`${hand.base}*e.1*`)
    expect(left).toEqual([layout(hand.prefix).record('all', 'e.1')])
    expect((await hand.take('w')).jobId).toBe('e.2')
  })

  it('keep the steps of their runs for longer than a job that lives', async () => {
    await hand.put('e.1')
    const held = await hand.take('w')
    await hand.scripts().recordStep(held, 'step:report', '1')
    const run = layout(hand.prefix).run('all', 'e.1')
    const before = await hand.client.pttl(run)
    await hand.scripts().bury(held, 'no', undefined, 100)
    expect(await hand.client.pttl(run)).toBeGreaterThan(10 * before)
  })

  it('give way to newer ones at their bound, with all that was remembered of their runs', async () => {
    for (const id of ['e.1', 'e.2', 'e.3']) {
      await hand.put(id)
      const held = await hand.take('w')
      await hand.scripts().recordStep(held, 'step:report', '1')
      await hand.scripts().bury(held, 'no', undefined, 2)
    }
    const run = (id: string) => hand.client.exists(layout(hand.prefix).run('all', id))
    expect(await hand.client.zrange(`${hand.base}failed`, 0, -1)).toEqual(['e.2', 'e.3'])
    expect(await Promise.all(['e.1', 'e.2', 'e.3'].map(run))).toEqual([0, 1, 1])
  })

  it('are thousands, and each is met once, whatever else died in the same instant', async () => {
    const client = new Redis(redis.url)
    const pipeline = client.pipeline()
    const count = 2_500
    for (let n = 0; n < count; n++) {
      const id = `e.${String(n).padStart(5, '0')}`
      pipeline.hset(`${hand.base}${id}`, 'name', 'slack.message', 'data', '{}', 'timestamp', 1, 'atm', 1)
      pipeline.zadd(`${hand.base}failed`, 1_000 + Math.floor(n / 1_000), id)
    }
    await pipeline.exec()
    client.disconnect()
    const letters = open()
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await letters.list('all', { limit: 333, ...(after && { after }) })
      seen.push(...page.letters.map(({ id }) => id))
      // The last one read is gone when the list goes on.
      await letters.drop('all', { ids: page.letters.slice(-1).map(({ id }) => id) })
      after = page.next
    } while (after !== undefined)
    expect([seen.length, new Set(seen).size]).toEqual([count, count])
    const left = await letters.count('all')
    expect(await letters.retry('all', {})).toBe(left)
    expect(await hand.view.depth('all')).toMatchObject({ failed: 0, waiting: left })
    await letters.stop()
  })
})
