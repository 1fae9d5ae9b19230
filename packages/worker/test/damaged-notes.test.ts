import { expect, test } from 'vitest'
import { PlatformWaitError } from '../src/errors.ts'
import { handlerBench } from './handler-bench.ts'
import { HeldJob } from './taken-job.ts'

const of = (steps: Readonly<Record<string, string>>) => new Map(Object.entries(steps))

const DAMAGED = [
  '',
  '\u0000\u00c1"',
  '{"until":',
  'null',
  '7',
  '[]',
  '{"v":9}',
  '{"until":"soon","deadline":{},"for":1}',
]

test.each(DAMAGED)('a sleep, a wait and a series of which the note is %j begin anew', async (text) => {
  const bench = handlerBench(async (ctx) => {
    await Promise.race([ctx.sleep('a', 60_000), ctx.waitFor('b', 'slack.message', { timeoutMs: 30_000 })])
  })
  const job = new HeldJob({ steps: of({ 'sleep:a': text, 'begun/wait:b': text, 'tries/wait': text }) })
  expect(await bench.suspend(job)).toMatchObject({ wakeAt: bench.clock.wallAt() + 30_000 })
})

test.each(DAMAGED)('a handler ends as it did where what it does not ask for is %j', async (text) => {
  const steps = of({ 'step:of another version': text, 'tries/wait': text })
  expect(await handlerBench(() => {}).run(new HeldJob({ steps }))).toEqual({ kind: 'completed' })
  const limited = handlerBench(() => Promise.reject(new PlatformWaitError('limited', 1_000)))
  expect(await limited.run(new HeldJob({ steps }))).toMatchObject({ kind: 'retry', uncounted: true })
})
