import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { Gauge } from '../src/stage/gauge.ts'

function gauge() {
  const clock = new ManualClock()
  const answers: ((value: number) => void)[] = []
  const asked = new Gauge(() => new Promise<number>((resolve) => answers.push(resolve)), clock)
  return { asked, answers, clock }
}

test('reads what is answered in time', async () => {
  const { asked, answers, clock } = gauge()
  const reading = asked.read()
  answers[0]?.(7)
  expect(await reading).toBe(7)
  expect(clock.timerCount).toBe(0)
})

test('does not wait for an answer that is late, and asks nothing more until it came', async () => {
  const { asked, answers, clock } = gauge()
  const reading = asked.read()
  clock.advance(250)
  expect(await reading).toBeUndefined()
  expect(await asked.read()).toBeUndefined()
  expect(answers).toHaveLength(1)
  answers[0]?.(7)
  await new Promise(setImmediate)
  const next = asked.read()
  answers[1]?.(8)
  expect(await next).toBe(8)
})

test('reads nothing where the question fails', async () => {
  const failing = new Gauge(() => Promise.reject(new Error('away')), new ManualClock())
  expect(await failing.read()).toBeUndefined()
  expect(await failing.read()).toBeUndefined()
})
