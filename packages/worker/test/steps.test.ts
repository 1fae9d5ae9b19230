import { expect, test } from 'vitest'
import { MAX_RESULT_BYTES } from '../src/step-result.ts'
import { Steps } from '../src/steps.ts'
import { HeldJob } from './taken-job.ts'

const stepsOf = (job: HeldJob) => new Steps(job, job.signal)

test('records a result before it returns it, and never runs the step again', async () => {
  const job = new HeldJob()
  let runs = 0
  const count = () => ({ runs: ++runs })
  expect(await stepsOf(job).run('step:count', count)).toEqual({ runs: 1 })
  expect(job.recorded.get('step:count')).toBe('{"result":{"runs":1}}')
  expect(await stepsOf(job.again()).run('step:count', count)).toEqual({ runs: 1 })
  expect(runs).toBe(1)
})

test('remembers that a step had no result', async () => {
  const job = new HeldJob()
  expect(await stepsOf(job).run('step:nothing', () => undefined)).toBeUndefined()
  const again = stepsOf(job.again()).run('step:nothing', () => 'ran again')
  expect(await again).toBeUndefined()
})

test('gives back what JSON makes of a result, in the first run already', async () => {
  const result = await stepsOf(new HeldJob()).run('step:a', () => ({ kept: 1, dropped: undefined }))
  expect(result).toStrictEqual({ kept: 1 })
})

test('runs a step again whose function failed, in a later run and in the same', async () => {
  const job = new HeldJob()
  const steps = stepsOf(job)
  const failing = () => Promise.reject(new Error('no luck'))
  await expect(steps.run('step:a', failing)).rejects.toThrow('no luck')
  expect(job.recorded.size).toBe(0)
  expect(await steps.run('step:a', () => 'luck')).toBe('luck')
})

test('refuses a name that was used before in the same run', async () => {
  const steps = stepsOf(new HeldJob())
  await steps.run('step:a', () => 1)
  await expect(steps.run('step:a', () => 2)).rejects.toMatchObject({ code: 'step-name' })
})

test('refuses a name that is running', async () => {
  const steps = stepsOf(new HeldJob())
  const first = steps.run('step:a', () => 1)
  await expect(steps.run('step:a', () => 2)).rejects.toMatchObject({ code: 'step-name' })
  expect(await first).toBe(1)
})

const circle: { self?: unknown } = {}
circle.self = circle

test.each<[string, unknown, string]>([
  ['a date', { at: new Date(0) }, 'result.at is a Date, not a plain object'],
  ['a map', new Map(), 'result is a Map, not a plain object'],
  ['a bigint', { ids: [1n] }, 'result.ids[0] is of type bigint, not JSON'],
  ['a function', () => 1, 'result is of type function, not JSON'],
  ['not a number', [Number.NaN], 'result[0] is NaN'],
  ['a hole in a list', [undefined], 'result[0] is of type undefined, not JSON'],
  ['a circle', circle, 'result.self contains itself'],
])('says where a result is no JSON: %s', async (_, result, where) => {
  const job = new HeldJob()
  const running = stepsOf(job).run('step:a', () => result)
  await expect(running).rejects.toMatchObject({
    code: 'step-result',
    message: `step:a can't be remembered: ${where}`,
  })
  expect(job.recorded.size).toBe(0)
})

test('keeps a result up to its bound and refuses a longer one', async () => {
  const frame = '{"result":""}'.length
  const most = 'x'.repeat(MAX_RESULT_BYTES - frame)
  expect(await stepsOf(new HeldJob()).run('step:a', () => most)).toHaveLength(most.length)
  const longer = stepsOf(new HeldJob()).run('step:a', () => `${most}x`)
  await expect(longer).rejects.toMatchObject({ code: 'step-result' })
})

test('measures the bound in bytes, not in characters', async () => {
  const text = '≈'.repeat(MAX_RESULT_BYTES / 3)
  const running = stepsOf(new HeldJob()).run('step:a', () => text)
  await expect(running).rejects.toMatchObject({ code: 'step-result' })
})

test('does not begin a step once the job must stop', async () => {
  const job = new HeldJob()
  const steps = stepsOf(job)
  job.abort('drain')
  let ran = false
  const running = steps.run('step:a', () => {
    ran = true
  })
  await expect(running).rejects.toBe('drain')
  expect(ran).toBe(false)
})

test('records a step that ends while the job is being drained', async () => {
  const job = new HeldJob()
  await stepsOf(job).run('step:a', () => job.abort('drain'))
  expect(job.recorded.has('step:a')).toBe(true)
})

test('fails the step whose record is refused because the lock is lost', async () => {
  const job = new HeldJob()
  job.lockLost = true
  const running = stepsOf(job).run('step:a', () => 1)
  await expect(running).rejects.toMatchObject({ code: 'job-aborted', reason: 'lost-lock' })
})

test('refuses steps after the handler has ended', async () => {
  const steps = stepsOf(new HeldJob())
  steps.end()
  await expect(steps.run('step:a', () => 1)).rejects.toMatchObject({ code: 'job-ended' })
})

test('waits for steps that nobody awaited, and yields the first failure', async () => {
  const steps = stepsOf(new HeldJob())
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  void steps.run('step:slow', () => promise)
  void steps.run('step:bad', () => Promise.reject(new Error('lost'))).catch(() => {})
  const settled = steps.settled()
  resolve()
  expect(await settled).toMatchObject({ error: { message: 'lost' } })
})
