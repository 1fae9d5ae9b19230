import { expect, test } from 'vitest'
import { PlatformWaits } from '../src/platform-waits.ts'
import { Steps } from '../src/steps.ts'
import { HeldJob } from './taken-job.ts'

const waitsOf = (job: HeldJob) => {
  const steps = new Steps(job, job.signal)
  return { steps, waits: new PlatformWaits(steps) }
}

/** The job after so many waits, one per run. */
async function waited(
  job: HeldJob,
  times: number,
  what: 'platform' | 'token' = 'platform',
): Promise<HeldJob> {
  let next = job
  for (let time = 0; time < times; time += 1) {
    await waitsOf(next).waits.add(what, 1_000 + time)
    next = next.again()
  }
  return next
}

test('waits one after the other are one series, kept in one note', async () => {
  const job = await waited(new HeldJob(), 300)
  expect(waitsOf(job).waits.series).toMatchObject({ for: 'platform', sinceAt: 1_000, count: 300 })
  expect(job.steps.size).toBe(1)
})

test('a step that is finished ends a series, a note does not', async () => {
  const job = await waited(new HeldJob(), 2)
  const { steps, waits } = waitsOf(job)
  await steps.note('begun/reply#1', '{}')
  expect(waits.series).toMatchObject({ count: 2 })
  await steps.run('step:report', () => 1)
  expect(waits.series).toBeUndefined()
  await waits.add('platform', 9_000)
  expect(waitsOf(job.again()).waits.series).toMatchObject({ sinceAt: 9_000, count: 1 })
})

test('waiting for a token is another series than waiting for the platform', async () => {
  const job = await waited(await waited(new HeldJob(), 5, 'token'), 1)
  expect(waitsOf(job).waits.series).toMatchObject({ for: 'platform', count: 1 })
})

test('waits that an older version noted spent attempts of the queue, and are none of the handler', async () => {
  const steps = new Map([1, 2, 3].map((number) => [`wait#${number}`, '{}']))
  const job = await waited(new HeldJob({ steps, attempt: 4 }), 2)
  expect(waitsOf(job).waits.countedByQueue).toBe(3)
  expect(waitsOf(job).waits.series).toMatchObject({ count: 2 })
})

test.each(['{"for":"moon","sinceAt":1,"count":1,"steps":0}', '[]', 'null', '{"for":"token"}'])(
  'a note that another version wrote otherwise is ignored: %s',
  (text) => {
    const job = new HeldJob({ steps: new Map([['tries/wait', text]]) })
    expect(waitsOf(job).waits.series).toBeUndefined()
  },
)
