import { expect, test } from 'vitest'
import { STORM, type Storm, type StormOptions, storm } from './storm.ts'

/*
 * Workers are killed in the middle of their handlers, one after the other, under as many events as they can take. Judged by a trace
 * that the handlers themselves write outside of Redis: see trace-verdict.ts.
 */

const isFull = process.env.HOLDFAST_CHAOS === 'full'

const SHORT: StormOptions = {
  ...STORM,
  ...{ events: 1_000, conversations: 50, workers: 3, concurrency: 10 },
  ...{ everyMs: 0, leastKills: 3, mostKills: 3, withinMs: 30_000 },
}

/** Nothing lost, repeated, out of order, at once or run again; findings come first, since they say the most. */
function expectWell(found: Storm, { events }: StormOptions): void {
  const { findings, handled, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain, left } = found
  expect({ findings, handled, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain, left }).toEqual({
    findings: [],
    handled: events,
    ...{ lost: 0, repeated: 0, outOfOrder: 0, atOnce: 0, finishedStepsRunAgain: 0, left: 0 },
  })
  expect(found.deadLetters).toBe(0)
}

test('a storm of a thousand events and three kills', async () => {
  const found = await storm(SHORT)
  expectWell(found, SHORT)
  // One may have ended what it did in the very moment of its death.
  expect(found.kills).toBeGreaterThanOrEqual(2)
}, 60_000)

test.skipIf(!isFull)(
  'the storm: 20,000 events, and a busy worker killed every second',
  async () => {
    const options = { ...STORM, seed: Number(process.env.HOLDFAST_STORM_SEED ?? STORM.seed) }
    const found = await storm(options)
    console.log(`the storm: ${JSON.stringify(found, undefined, 2)}`)
    expectWell(found, options)
    expect(found.kills).toBeGreaterThanOrEqual(15)
  },
  300_000,
)
