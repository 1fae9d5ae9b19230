import { sleep, systemClock } from '@holdfast/runtime'
import { Random } from '../fuzz/random.ts'
import { Killer } from './killer.ts'
import { QueueStage } from './queue-stage.ts'
import { judgeTrace, type TraceVerdict } from './trace-verdict.ts'
import type { Work } from './work.ts'

/** How much is done, and how much is broken meanwhile. */
export interface StormOptions {
  readonly seed: number
  readonly events: number
  readonly conversations: number
  readonly workers: number
  readonly concurrency: number
  /** Between kills, at least. */
  readonly everyMs: number
  /** Kills are spread evenly over the events: of these, so many at least, however slow the machine is. */
  readonly leastKills: number
  readonly mostKills: number
  readonly withinMs: number
}

/** What a storm came to. */
export interface Storm extends TraceVerdict {
  readonly seed: number
  readonly deadLetters: number
  /** What still lay on the queue at the end. */
  readonly left: number
  readonly tookMs: number
}

/** The storm that the page of delivery tells of. */
export const STORM: StormOptions = {
  seed: 1,
  ...{ events: 20_000, conversations: 200, workers: 8, concurrency: 20 },
  ...{ everyMs: 1_000, leastKills: 24, mostKills: Number.POSITIVE_INFINITY, withinMs: 240_000 },
}

const [LEAST_MS, MOST_MS, MOST_STEPS] = [5, 50, 3]
/** So many that have not ended lie on the queue at most, so that the storm goes over a stream and not over a heap. */
const BACKLOG_COUNT = 4_000
const PUT_COUNT = 200
/** A second run of an ended handler would come within this, if at all. */
const QUIET_MS = 500

/** Puts events on a queue while workers take them, each in the middle of up to `concurrency`, and are killed one after the other. */
export async function storm(options: StormOptions): Promise<Storm> {
  const { concurrency, workers, events, conversations, withinMs, seed } = options
  const random = new Random(seed)
  const stage = await QueueStage.open({ concurrency })
  let isKept = true
  try {
    const works = worksOf(options, random)
    await stage.hire(workers)
    const beganMs = systemClock.monotonicMs()
    const killer = new Killer(stage, options, random)
    killer.start()
    await putAll(stage, works, (count) => killer.isAbreast(count))
    await stage.until(() => stage.trace.endedCount === events, 'the end of all events', withinMs)
    const tookMs = systemClock.monotonicMs() - beganMs
    await killer.stop()
    await sleep(systemClock, QUIET_MS)
    const { failed, waiting, parked, retrying } = await stage.depth()
    const verdict = judgeTrace(stage.trace.read(), events, conversations)
    isKept = verdict.findings.length > 0
    const left = waiting + parked + retrying
    return { seed, ...verdict, deadLetters: failed, left, tookMs: Math.round(tookMs) }
  } finally {
    const folder = await stage.close(isKept)
    if (isKept) console.error(`storm: the trace and the logs are in ${folder}`)
  }
}

/** Event after event, each in the next conversation; handlers of 5 to 50 ms in up to three steps. */
function worksOf({ events, conversations }: StormOptions, random: Random): readonly Work[] {
  return Array.from({ length: events }, (_, n) => ({
    n,
    lane: n % conversations,
    way: 'steps',
    ms: LEAST_MS + random.below(MOST_MS - LEAST_MS + 1),
    steps: random.below(MOST_STEPS + 1),
  }))
}

/** Never more than a backlog, and not so fast that the kills fall behind. */
async function putAll(
  stage: QueueStage,
  works: readonly Work[],
  mayPut: (count: number) => boolean,
): Promise<void> {
  for (let at = 0; at < works.length; at += PUT_COUNT) {
    const hasRoom = () => at - stage.trace.endedCount < BACKLOG_COUNT && mayPut(at)
    await stage.until(hasRoom, 'room for more events')
    await stage.put(works.slice(at, at + PUT_COUNT))
  }
}
