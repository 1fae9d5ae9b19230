import { lookup } from 'node:dns'
import { readFile } from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { Context } from '../src/context.ts'
import { OutsideWork } from '../src/outside-work.ts'
import { handlerBench } from './handler-bench.ts'
import { createLogBook } from './log-book.ts'
import { HeldJob } from './taken-job.ts'

const { log, lines } = createLogBook()
const watches: OutsideWork[] = []

afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
  lines.length = 0
  vi.unstubAllGlobals()
})

/** A bench of a worker in development. */
function watched(handle: (ctx: Context) => unknown) {
  const outsideWork = new OutsideWork(log)
  watches.push(outsideWork)
  outsideWork.start()
  return handlerBench(handle, { outsideWork })
}

const read = () => readFile(import.meta.filename)
const placesOf = () => lines.map(({ facts }) => Reflect.get(facts, 'place'))

test('tells once where a handler that sleeps did work outside of its steps', async () => {
  const { run } = watched(async (ctx) => {
    await read()
    await ctx.sleep('a', 60_000)
  })
  await run(new HeldJob())
  await run(new HeldJob())
  const [line, ...others] = placesOf()
  expect(line).toMatch(/^a file at .*outside-work\.test\.ts:\d+/)
  expect(others).toEqual([])
  expect(lines[0]?.message).toMatch(/will do it again; put it into a ctx\.step$/)
})

test('tells of look-ups, requests and the platforms’ clients, where a handler is tried again', async () => {
  vi.stubGlobal('fetch', async () => new Response())
  const { run } = watched(async (ctx) => {
    await new Promise((resolve) => lookup('localhost', resolve))
    await fetch('http://localhost/')
    ctx.slack
    throw new Error('again')
  })
  expect(await run(new HeldJob())).toMatchObject({ kind: 'retry' })
  expect(placesOf()).toEqual([
    expect.stringMatching(/^a name look-up at .*outside-work\.test\.ts/),
    expect.stringMatching(/^fetch at .*outside-work\.test\.ts/),
    expect.stringMatching(/^ctx\.slack at .*outside-work\.test\.ts/),
  ])
})

test('says nothing of work inside of steps, nor of a handler that completes', async () => {
  const asleep = watched(async (ctx) => {
    await ctx.step('read', async () => void (await read()))
    await ctx.sleep('a', 60_000)
  })
  const whole = watched(async () => void (await read()))
  await asleep.run(new HeldJob())
  await whole.run(new HeldJob())
  expect(lines).toEqual([])
})

test('otherwise nothing is hooked, and nothing watched', async () => {
  const real = globalThis.fetch
  const outsideWork = new OutsideWork(log)
  const { run } = handlerBench(async (ctx) => {
    await read()
    await ctx.sleep('a', 60_000)
  })
  await run(new HeldJob())
  outsideWork.start()
  expect(globalThis.fetch).not.toBe(real)
  outsideWork.stop()
  expect(globalThis.fetch).toBe(real)
  expect(lines).toEqual([])
})
