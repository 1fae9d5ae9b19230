import { expect } from 'vitest'
import { queueScenario } from './queue-scenario.ts'
import { QueueStage } from './queue-stage.ts'
import type { DeedLine } from './trace.ts'
import type { Work } from './work.ts'

/*
 * A worker that is asked to stop in the middle of fifty handlers, half of which heed their signal and half of which do not: another
 * one has them at once, in order, and none has spent an attempt.
 */

const LANE_COUNT = 50
/** So many events of each conversation; the first is in the middle of it when the worker is asked to stop. */
const ROUND_COUNT = 3
const WORK_MS = 120_000
/** After their signal aborted, handlers get this long to end by themselves. */
const ABORT_GRACE_MS = 1_000

interface Drained {
  /** From the first SIGTERM to the begin of each handler elsewhere, sorted. */
  readonly heededMs: readonly number[]
  readonly ignoredMs: readonly number[]
  readonly begins: readonly DeedLine[]
  readonly code: number | null
}

const works: readonly Work[] = Array.from({ length: LANE_COUNT * ROUND_COUNT }, (_, n) => ({
  n,
  lane: n % LANE_COUNT,
  way: n % 2 === 0 ? 'heed' : 'ignore',
  ms: WORK_MS,
}))

/** Asks a worker to stop, once or twice, while another stands by. */
async function drained(drainMs: number, isHurried = false): Promise<Drained> {
  const stage = await QueueStage.open({ concurrency: LANE_COUNT, drainMs })
  try {
    const [old] = await stage.hire(1)
    if (!old) throw new Error('nobody was hired')
    await stage.put(works)
    await stage.until(() => stage.trace.openOf(old.pid).size === LANE_COUNT, 'the begin of all handlers')
    const [next] = await stage.hire(1, {}, 2)
    const askedAt = Date.now()
    old.send('SIGTERM')
    if (isHurried) {
      // Two signals that wait at once are one.
      await stage.until(() => stage.said('drains'), 'the begin of the drain')
      old.send('SIGTERM')
    }
    await stage.until(() => stage.trace.endedCount === works.length, 'the end of all events')
    const { code } = await old.ended
    const begins = stage.trace.read().filter((line): line is DeedLine => line.what === 'begin')
    const delays = (rest: number) =>
      begins
        .filter(({ pid, n }) => pid === next?.pid && n < LANE_COUNT && n % 2 === rest)
        .map(({ at }) => at - askedAt)
        .sort((a, b) => a - b)
    return { heededMs: delays(0), ignoredMs: delays(1), begins, code }
  } finally {
    await stage.close(false)
  }
}

/** Each of the fifty began once in either worker, all others once, in order, and none has spent an attempt. */
function expectWell({ begins, heededMs, ignoredMs }: Drained): void {
  const numbers = Array.from({ length: LANE_COUNT }, (_, lane) =>
    begins.filter((line) => line.lane === lane).map(({ n }) => n),
  )
  expect(numbers).toEqual(
    Array.from({ length: LANE_COUNT }, (_, n) => [n, n, n + LANE_COUNT, n + 2 * LANE_COUNT]),
  )
  expect(begins.filter(({ attempt }) => attempt !== 1)).toEqual([])
  expect([heededMs.length, ignoredMs.length]).toEqual([LANE_COUNT / 2, LANE_COUNT / 2])
}

const last = (values: readonly number[]) => values.at(-1) ?? Number.NaN
const first = (values: readonly number[]) => values[0] ?? Number.NaN

queueScenario({
  name: 'a worker in the middle of fifty handlers is asked to stop: who heeds it is back first, the others after the grace',
  promise: 'P3',
  tier: 'full',
  run: async () => {
    const drainMs = 3_000
    const found = await drained(drainMs)
    const { heededMs, ignoredMs } = found
    expectWell(found)
    expect(first(heededMs)).toBeGreaterThanOrEqual(drainMs * 0.95)
    expect(last(heededMs)).toBeLessThan(first(ignoredMs))
    expect(last(ignoredMs)).toBeLessThan(2 * (drainMs + ABORT_GRACE_MS))
    return {
      drainMs,
      heedingBeganElsewhereMsAfterIt: last(heededMs) - drainMs,
      ignoringBeganElsewhereMsAfterIt: last(ignoredMs) - drainMs,
    }
  },
})

queueScenario({
  name: 'a worker in the middle of fifty handlers is asked to stop twice: all are back at once',
  promise: 'P3',
  tier: 'full',
  run: async () => {
    const drainMs = 60_000
    const found = await drained(drainMs, true)
    const all = [...found.heededMs, ...found.ignoredMs].sort((a, b) => a - b)
    expectWell(found)
    expect(last(all)).toBeLessThan(drainMs / 10)
    expect(found.code).toBe(1)
    return { drainMs, allBeganElsewhereMsAfterTheFirstSignal: last(all) }
  },
})
