import { expect } from 'vitest'
import { Random } from '../fuzz/random.ts'
import { Killer } from './killer.ts'
import { queueScenario } from './queue-scenario.ts'
import { QueueStage } from './queue-stage.ts'
import type { FiguresRow } from './rows.ts'
import type { RedisMoment } from './taps/redis-tap.ts'
import type { TraceLine } from './trace.ts'
import { judgeTrace, type TraceVerdict } from './trace-verdict.ts'
import type { Work } from './work.ts'

/*
 * A worker dies where a job is put away, or where an event is given to one that waits; sometimes Redis restarts at that moment. Judged
 * by a trace that the handlers write outside of Redis.
 */

const NAP_MS = 1_000
const WAIT_MS = 120_000

/** The steps that ran for each of these events, in order; one that ran again because a death came before its record is there once. */
function stepsOf(lines: readonly TraceLine[], count: number): readonly (readonly string[])[] {
  const steps: string[][] = Array.from({ length: count }, () => [])
  for (const line of lines) {
    const own = line.what === 'ran' ? steps[line.n] : undefined
    if (line.what === 'ran' && line.name && !own?.includes(line.name)) own?.push(line.name)
  }
  return steps
}

/** Events that came to a handler of their own, from this number on. */
const begunFrom = (lines: readonly TraceLine[], from: number) =>
  lines.flatMap((line) => (line.what === 'begin' && line.n >= from ? [line.n] : []))

/** Nothing lost, repeated, out of order, at once or run again. */
function judged(lines: readonly TraceLine[], events: number, lanes: number): TraceVerdict {
  const verdict = judgeTrace(lines, events, lanes)
  const { findings, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain } = verdict
  expect({ findings, lost, repeated, outOfOrder, atOnce, finishedStepsRunAgain }).toEqual({
    findings: [],
    ...{ lost: 0, repeated: 0, outOfOrder: 0, atOnce: 0, finishedStepsRunAgain: 0 },
  })
  return verdict
}

/** Resolves with what the trace came to. */
async function onStage(
  ownRedis: boolean,
  run: (stage: QueueStage) => Promise<TraceVerdict>,
): Promise<FiguresRow['figures']> {
  const stage = await QueueStage.open({ concurrency: 20 }, ownRedis)
  let isKept = true
  try {
    const { findings, ...figures } = await run(stage)
    isKept = false
    return figures
  } finally {
    const folder = await stage.close(isKept)
    if (isKept) console.error(`the trace and the logs are in ${folder}`)
  }
}

const MEANWHILE = [
  { meanwhile: 'nothing else happens', ownRedis: false },
  { meanwhile: 'Redis restarts', ownRedis: true },
]

const SUSPENDS = [
  { where: 'before its job is put away', point: { moment: 'before', script: 'suspend' } },
  {
    where: 'when its job is put away and it does not know',
    point: { moment: 'executed', script: 'suspend' },
  },
] as const satisfies readonly { readonly where: string; readonly point: RedisMoment }[]

const GIFTS = [
  { where: 'before its event is given to one that waits', point: { moment: 'before', script: 'give to' } },
  {
    where: 'when its event is given and it does not know',
    point: { moment: 'executed', script: 'give to' },
  },
] as const satisfies readonly { readonly where: string; readonly point: RedisMoment }[]

const wait = (n: number, lane: number): Work => ({ n, lane, way: 'wait', ms: WAIT_MS })
const goTo = (n: number, lane: number, go: number): Work => ({ n, lane, way: 'go', ms: 0, go })

/** How many are in the middle of a wait, as they note it themselves. */
const pausedCount = (lines: readonly TraceLine[]) =>
  new Set(lines.flatMap((line) => (line.what === 'pause' ? [line.n] : []))).size

/** Resolves when so many jobs are put away. */
async function untilAsleep(stage: QueueStage, count: number): Promise<void> {
  await stage.until(() => pausedCount(stage.trace.lines) >= count, `${count} pauses`)
  while ((await stage.depth()).sleeping < count) await stage.until(() => true, 'a look')
}

/** One sleeps and another waits behind it; the worker dies where the first is put away. */
async function killAtSuspension(stage: QueueStage, point: RedisMoment, restarts: boolean) {
  const killed = stage.killAt(await stage.hireTapped(), point)
  await stage.put([
    { n: 0, lane: 0, way: 'sleep', ms: NAP_MS },
    { n: 1, lane: 0, way: 'steps', steps: 1, ms: 5 },
  ])
  await killed
  if (restarts) await stage.redis.restart?.()
  await stage.hire(1)
  await stage.until(() => stage.trace.endedCount === 2, 'the end of both events')
  const lines = stage.trace.read()
  const verdict = judged(lines, 2, 1)
  expect(stepsOf(lines, 2)).toEqual([['before', 'after'], ['1']])
  return verdict
}

/** Two wait, and a worker dies where the first is given its event; then the second gets its own. */
async function killAtGift(stage: QueueStage, point: RedisMoment, restarts: boolean) {
  const [first] = await stage.hire(1)
  await stage.put([wait(0, 0), wait(1, 1)])
  await untilAsleep(stage, 2)
  const tapped = await stage.hireTapped()
  await first?.signal('SIGTERM')
  const killed = stage.killAt(tapped, point)
  await stage.put([goTo(2, 0, 0)])
  await killed
  if (restarts) await stage.redis.restart?.()
  await stage.hire(1)
  await stage.put([goTo(3, 1, 1)])
  await stage.until(() => stage.trace.endedCount === 2, 'the end of both waits')
  const lines = stage.trace.read()
  const verdict = judged(lines, 2, 2)
  expect(stepsOf(lines, 2)).toEqual([
    ['before', 'given 2'],
    ['before', 'given 3'],
  ])
  expect(begunFrom(lines, 2)).toEqual([])
  return verdict
}

for (const { meanwhile, ownRedis } of MEANWHILE) {
  for (const { where, point } of SUSPENDS) {
    queueScenario({
      name: `a worker is killed ${where}: it sleeps, wakes up elsewhere and ends once; meanwhile ${meanwhile}`,
      promise: 'P3',
      tier: 'full',
      run: () => onStage(ownRedis, (stage) => killAtSuspension(stage, point, ownRedis)),
    })
  }

  for (const { where, point } of GIFTS) {
    queueScenario({
      name: `a worker is killed ${where}: the wait ends with it, once; meanwhile ${meanwhile}`,
      promise: 'P3',
      tier: 'full',
      run: () => onStage(ownRedis, (stage) => killAtGift(stage, point, ownRedis)),
    })
  }
}

const WAITER_COUNT = 2_000
const LANE_COUNT = 100
const KILLS = { everyMs: 0, leastKills: 4, mostKills: 4 }

queueScenario({
  name: 'two thousand handlers wait, each for one event, while workers are killed: each is given its own, once',
  promise: 'P3',
  tier: 'full',
  patienceMs: 240_000,
  run: () =>
    onStage(false, async (stage) => {
      await stage.hire(3)
      const waiters = Array.from({ length: WAITER_COUNT }, (_, n) => wait(n, n % LANE_COUNT))
      await stage.put(waiters)
      await untilAsleep(stage, WAITER_COUNT)
      const killer = new Killer(stage, { events: WAITER_COUNT, ...KILLS }, new Random(1))
      killer.start()
      for (const [index, { n, lane }] of shuffled(waiters, new Random(2)).entries()) {
        await stage.until(() => killer.isAbreast(index), 'the next kill')
        await stage.put([goTo(WAITER_COUNT + n, lane, n)])
      }
      await stage.until(() => stage.trace.endedCount === WAITER_COUNT, 'the end of all waits', WAIT_MS)
      await killer.stop()
      const lines = stage.trace.read()
      const verdict = judged(lines, WAITER_COUNT, LANE_COUNT)
      expect(stepsOf(lines, WAITER_COUNT)).toEqual(
        waiters.map(({ n }) => ['before', `given ${WAITER_COUNT + n}`]),
      )
      expect(begunFrom(lines, WAITER_COUNT)).toEqual([])
      return verdict
    }),
})

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
