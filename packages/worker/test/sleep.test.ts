import { expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { handlerBench, type Suspended } from './handler-bench.ts'
import { HeldJob } from './taken-job.ts'

const HOUR_MS = 3_600_000

test('puts the handler away, and goes on after the sleep without what was done before', async () => {
  const done: string[] = []
  const { run, suspend, wake, clock } = handlerBench(async (ctx) => {
    await ctx.step('before', () => done.push('before'))
    await ctx.sleep('cool down', HOUR_MS)
    await ctx.step('after', () => done.push('after'))
  })
  const job = new HeldJob()
  const asleep = await suspend(job)
  expect(asleep).toEqual({ kind: 'suspended', wakeAt: clock.wallAt() + HOUR_MS, waits: [] })
  expect(done).toEqual(['before'])
  expect(await run(wake(job, asleep))).toEqual({ kind: 'completed' })
  expect(done).toEqual(['before', 'after'])
})

test('ends when it was to end at first, however often the job was woken before', async () => {
  const { suspend, clock } = handlerBench((ctx) => ctx.sleep('a', HOUR_MS))
  const job = new HeldJob()
  const { wakeAt } = await suspend(job)
  clock.advance(HOUR_MS / 2)
  expect(await suspend(job.again())).toMatchObject({ wakeAt })
  expect(job.recorded.get('sleep:a')).toBe(JSON.stringify({ until: wakeAt }))
})

test('nothing goes through try, catch and finally of the handler that is put away', async () => {
  const seen: string[] = []
  const { suspend } = handlerBench(async (ctx) => {
    try {
      await ctx.sleep('a', 1_000)
    } catch {
      seen.push('catch')
    } finally {
      seen.push('finally')
    }
  })
  await suspend(new HeldJob())
  await new Promise((resolve) => setImmediate(resolve))
  expect(seen).toEqual([])
})

test('steps beside a sleep are awaited and recorded first, with those that follow on them', async () => {
  const { suspend } = handlerBench((ctx) =>
    Promise.all([
      ctx.sleep('a', HOUR_MS),
      (async () => {
        await ctx.step('one', () => new Promise<void>((resolve) => setImmediate(resolve)))
        await ctx.step('two', () => {})
      })(),
    ]),
  )
  const job = new HeldJob()
  await suspend(job)
  expect([...job.recorded.keys()]).toEqual(['sleep:a', 'step:one', 'step:two'])
})

test('a step that fails beside a sleep fails the handler', async () => {
  const { run } = handlerBench((ctx) =>
    Promise.all([ctx.sleep('a', HOUR_MS), ctx.step('b', () => Promise.reject(new Error('boom')))]),
  )
  expect(await run(new HeldJob())).toMatchObject({ kind: 'retry', reason: 'Error: boom' })
})

test('of several sleeps the first that ends wakes the job', async () => {
  const { suspend, wake, clock } = handlerBench((ctx) =>
    Promise.all([ctx.sleep('long', 3 * HOUR_MS), ctx.sleep('short', HOUR_MS)]),
  )
  const job = new HeldJob()
  const start = clock.wallAt()
  const first = await suspend(job)
  expect(first.wakeAt).toBe(start + HOUR_MS)
  const second = await suspend(wake(job, first))
  expect(second.wakeAt).toBe(start + 3 * HOUR_MS)
})

test('a race with a step is won by the step, and the handler goes on', async () => {
  const { run } = handlerBench(async (ctx) => {
    const won = await Promise.race([
      ctx.sleep('limit', HOUR_MS).then(() => 'late'),
      ctx.step('work', () => 'done'),
    ])
    await new Promise((resolve) => setImmediate(resolve))
    await ctx.step(`was ${won}`, () => {})
  })
  const job = new HeldJob()
  expect(await run(job)).toEqual({ kind: 'completed' })
  expect([...job.recorded.keys()]).toContain('step:was done')
  // As in the run that was won, so in each later one: the limit that has passed since changes nothing.
  expect(await run(job.again())).toEqual({ kind: 'completed' })
})

test('what was over when the handler came back wins a race in the order in which it ended', async () => {
  const winners: string[] = []
  const { suspend, clock, run } = handlerBench(async (ctx) => {
    const sleeping = (name: string, ms: number) => ctx.sleep(name, ms).then(() => name)
    winners.push(await Promise.race([sleeping('long', 2 * HOUR_MS), sleeping('short', HOUR_MS)]))
  })
  const job = new HeldJob()
  await suspend(job)
  clock.advance(5 * HOUR_MS)
  await run(job.again())
  expect(winners).toEqual(['short'])
})

test('a sleep that nobody awaits puts nobody away', async () => {
  const { run } = handlerBench((ctx) => void ctx.sleep('a', HOUR_MS))
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
})

test('a job that a faster clock has woken waits out the last second where it is', async () => {
  let resolved = false
  const { run, suspend, clock } = handlerBench(async (ctx) => {
    await ctx.sleep('a', HOUR_MS)
    resolved = true
  })
  const job = new HeldJob()
  await suspend(job)
  clock.advance(HOUR_MS - 400)
  const running = run(job.again())
  while (clock.timerCount === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(resolved).toBe(false)
  clock.advance(400)
  expect(await running).toEqual({ kind: 'completed' })
  expect(clock.timerCount).toBe(0)
})

test('a drain does not hinder it: the job is asleep, not given back', async () => {
  const { run } = handlerBench(async (ctx) => {
    await ctx.step('a', () => job.abort('drain'))
    await ctx.sleep('b', HOUR_MS)
  })
  const job = new HeldJob()
  expect(await run(job)).toMatchObject({ kind: 'suspended' })
})

test('a job whose lock is lost is not asleep: it is another worker’s', async () => {
  const { run } = handlerBench((ctx) => ctx.sleep('a', HOUR_MS))
  const job = new HeldJob()
  job.lockLost = true
  expect(await run(job)).toEqual({ kind: 'returned' })
})

test('spends no attempt, and no time in the log', async () => {
  const attempts: number[] = []
  const bench = handlerBench(async (ctx) => {
    attempts.push(ctx.attempt)
    await ctx.sleep('a', 1_000)
    await ctx.sleep('b', 1_000)
  })
  const job = new HeldJob()
  const first: Suspended = await bench.suspend(job)
  const awake = bench.wake(job, first)
  await bench.run(bench.wake(awake, await bench.suspend(awake)))
  expect(attempts).toEqual([1, 1, 1])
  expect(bench.lines).toEqual([])
})

test('refuses what a handler does after it was put away', async () => {
  let goOn = () => {}
  const beside = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let later: Promise<unknown> = Promise.resolve()
  const { suspend } = handlerBench(async (ctx) => {
    later = beside.then(() => ctx.step('late', () => {})).catch((error: unknown) => error)
    await ctx.sleep('a', 1_000)
  })
  await suspend(new HeldJob())
  goOn()
  expect(await later).toMatchObject({ code: 'job-ended' })
})

test.each<[string, (ctx: Context) => unknown, string]>([
  ['a name used twice', async (ctx) => [await ctx.sleep('a', 0), await ctx.sleep('a', 0)], 'used before'],
  ['no name', (ctx) => ctx.sleep('', 5), '1 to 200 characters'],
  ['a name that is no text', (ctx) => ctx.sleep(undefined as never, 5), '1 to 200 characters'],
  ['a time that is no number', (ctx) => ctx.sleep('a', '5' as never), 'was given a string'],
  ['no time', (ctx) => ctx.sleep('a', Number.NaN), 'was given NaN'],
  ['a time before now', (ctx) => ctx.sleep('a', -1), 'was given -1'],
  ['more than a year', (ctx) => ctx.sleep('a', 366 * 24 * HOUR_MS), '(365 days)'],
  ['a sleep inside of a step', (ctx) => ctx.step('s', () => ctx.sleep('a', 5)), 'inside of step:s'],
  [
    'a sleep deep inside of a step',
    (ctx) =>
      ctx.step('s', async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await ctx.sleep('a', 5)
      }),
    'inside of step:s',
  ],
])('refuses %s, and no attempt can mend it', async (_, handle, reason) => {
  const { run } = handlerBench(handle)
  expect(await run(new HeldJob())).toMatchObject({ kind: 'dead', reason: expect.stringContaining(reason) })
})
