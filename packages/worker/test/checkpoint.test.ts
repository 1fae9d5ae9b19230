import { expect, test } from 'vitest'
import { handlerBench } from './handler-bench.ts'
import { HeldJob } from './taken-job.ts'

test('goes on from where it was set last', async () => {
  const pages: number[] = []
  const { run } = handlerBench(async (ctx) => {
    const cursor = ctx.checkpoint<number>('page')
    for (let page = (cursor.get() ?? 0) + 1; page <= 3; page += 1) {
      pages.push(page)
      await cursor.set(page)
      if (page === 2 && ctx.attempt === 1) throw new Error('between')
    }
  })
  const job = new HeldJob()
  expect(await run(job)).toMatchObject({ kind: 'retry' })
  expect(job.recorded.get('checkpoint:page')).toBe('{"result":2}')
  expect(await run(job.again(2))).toEqual({ kind: 'completed' })
  expect(pages).toEqual([1, 2, 3])
})

test('records before it tells that the job must stop', async () => {
  const { run } = handlerBench(async (ctx) => {
    const cursor = ctx.checkpoint<number>('n')
    for (let n = 1; ; n += 1) {
      if (n === 3) job.abort('drain')
      await cursor.set(n)
    }
  })
  const job = new HeldJob()
  expect(await run(job)).toEqual({ kind: 'returned' })
  expect(job.recorded.get('checkpoint:n')).toBe('{"result":3}')
})

test('a worker that has lost the job moves it no further', async () => {
  const { run } = handlerBench((ctx) => ctx.checkpoint('n').set(1))
  const job = new HeldJob()
  job.lockLost = true
  expect(await run(job)).toEqual({ kind: 'returned' })
  expect(job.recorded.size).toBe(0)
})

test('is not the handler’s any more when it has ended', async () => {
  let later = async () => {}
  const { run } = handlerBench((ctx) => {
    const cursor = ctx.checkpoint('n')
    later = () => cursor.set(1)
  })
  await run(new HeldJob())
  await expect(later()).rejects.toMatchObject({ code: 'job-ended' })
})

test('gives a copy each time, and what JSON makes of it', async () => {
  const { run } = handlerBench(async (ctx) => {
    const cursor = ctx.checkpoint<{ ids: number[]; gone?: string | undefined }>('state')
    expect(cursor.get()).toBeUndefined()
    await cursor.set({ ids: [1], gone: undefined })
    cursor.get()?.ids.push(2)
    expect(cursor.get()).toStrictEqual({ ids: [1] })
  })
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
})

test.each<[string, (ctx: Parameters<Parameters<typeof handlerBench>[0]>[0]) => unknown, string]>([
  ['a name used twice', (ctx) => [ctx.checkpoint('a'), ctx.checkpoint('a')], 'used before'],
  ['a name that is no text', (ctx) => ctx.checkpoint(7 as never), '1 to 200 characters'],
  ['what is no JSON', (ctx) => ctx.checkpoint('a').set(new Date()), 'result is a Date'],
])('refuses %s, and no attempt can mend it', async (_, handle, reason) => {
  const { run } = handlerBench(handle)
  expect(await run(new HeldJob())).toMatchObject({ kind: 'dead', reason: expect.stringContaining(reason) })
})

test('inside of a step that need not run again, is not missed', async () => {
  const { run, lines } = handlerBench(async (ctx) => {
    await ctx.step('read', () => ctx.checkpoint('page').set(1))
    if (ctx.attempt === 1) throw new Error('between')
  })
  const job = new HeldJob()
  await run(job)
  const before = lines.length
  expect(await run(job.again(2))).toEqual({ kind: 'completed' })
  expect(lines.slice(before)).toEqual([])
})
