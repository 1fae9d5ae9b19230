import { expect } from 'vitest'
import { queueScenario } from './queue-scenario.ts'
import { STORM, type Storm, type StormOptions, storm } from './storm.ts'

/*
 * Workers are killed in the middle of their handlers, one after the other, under as many events as they can take. Judged by a trace
 * that the handlers themselves write outside of Redis: see trace-verdict.ts.
 */

const SHORT: StormOptions = {
  ...STORM,
  ...{ events: 1_000, conversations: 50, workers: 3, concurrency: 10 },
  ...{ everyMs: 0, leastKills: 3, mostKills: 3, withinMs: 30_000 },
}
const LONG: StormOptions = { ...STORM, seed: Number(process.env.HOLDFAST_STORM_SEED ?? STORM.seed) }

/** Nothing lost, repeated, out of order, at once or run again. */
function expectWell(found: Storm, { events }: StormOptions): void {
  const { findings, handled, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain, left } = found
  expect({ findings, handled, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain, left }).toEqual({
    findings: [],
    handled: events,
    ...{ lost: 0, repeated: 0, outOfOrder: 0, atOnce: 0, finishedStepsRunAgain: 0, left: 0 },
  })
  expect(found.deadLetters).toBe(0)
}

queueScenario({
  name: 'a storm of a thousand events and three kills',
  promise: 'P3',
  tier: 'short',
  patienceMs: 60_000,
  run: async () => {
    const found = await storm(SHORT)
    expectWell(found, SHORT)
    // One may have ended what it did in the very moment of its death.
    expect(found.kills).toBeGreaterThanOrEqual(2)
    const { findings, ...figures } = found
    return figures
  },
})

queueScenario({
  name: 'the storm: 20,000 events in 200 conversations, and a busy one of eight workers is killed every second',
  promise: 'P3',
  tier: 'full',
  patienceMs: 300_000,
  run: async () => {
    const found = await storm(LONG)
    const { findings, ...figures } = found
    expectWell(found, LONG)
    expect(found.kills).toBeGreaterThanOrEqual(15)
    return figures
  },
})
