import { basename } from 'node:path'
import { sleep, systemClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { type Allowances, problemsOf } from './allowances.ts'
import { ChaosStage, type StageOptions } from './chaos-stage.ts'
import { CONNECTIONS } from './connections.ts'
import { Pulse } from './pulse.ts'
import { rollFigures } from './roll-figures.ts'
import { type Row, writeRow } from './rows.ts'
import { FLOW_COUNT, PER_SECOND } from './settings.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** One thing that goes wrong, the promise it attacks, and what it may cost. */
export interface Scenario {
  /** A sentence. */
  readonly name: string
  /** As docs/delivery.md names them. */
  readonly promise: 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8'
  /** `short` runs with every test run, `full` with `npm run chaos`. */
  readonly tier: 'short' | 'full'
  readonly allows: Allowances
  readonly stage?: StageOptions
  /** How many workers and gateways run when it begins: 2 and 1 by default. */
  readonly workers?: number
  /** How many messages a second people say to each connection. Default: `PER_SECOND`. */
  readonly perSecond?: number
  readonly gateways?: number
  /** Every gateway that runs must say all the while that it lives. */
  readonly pulse?: true
  /** What it may take in all. Default: the runner's. */
  readonly patienceMs?: number
  /** Starts the gateways, where they are to be other than plain. Resolves when they are ready. */
  readonly begin?: (stage: ChaosStage) => Promise<unknown>
  /** Begins while people talk and everything flows. What is still on its way when it resolves is waited for. */
  readonly run: (stage: ChaosStage) => Promise<void>
}

/** After the run, for what still waits and does not become less: Socket Mode's last redelivery and the worst return of a dead worker's jobs. */
const SETTLE_MS = 75_000
/** A second answer would come within this, if at all. */
const QUIET_MS = 1_000
const LOOK_MS = 100
const LOOK_SHARE = 4

const isFull = process.env.HOLDFAST_CHAOS === 'full'
const times = Number(process.env.HOLDFAST_CHAOS_TIMES ?? 1)

let place = 0

/** Declares a scenario as a test: nothing is lost, repeated or reordered but for what it allows. */
export function scenario(declared: Scenario): void {
  place += 1
  const own = place
  for (let round = 1; round <= times; round += 1) {
    const name = times === 1 ? declared.name : `${declared.name} (${round} of ${times})`
    test.skipIf(declared.tier === 'full' && !isFull)(
      name,
      (context) =>
        perform(declared, { round, place: own, family: basename(context.task.file.name, '.test.ts') }),
      declared.patienceMs,
    )
  }
}

async function perform(declared: Scenario, where: Pick<Row, 'round' | 'place' | 'family'>): Promise<void> {
  const stage = await ChaosStage.open(declared.stage)
  let isKept = true
  try {
    const names = Array.from({ length: declared.gateways ?? 1 }, (_, index) => `gateway-${index + 1}`)
    const begin =
      declared.begin ?? (() => Promise.all(names.map((replicaId) => stage.startGateway({ replicaId }))))
    await Promise.all([stage.bots.hire(declared.workers ?? 2), begin(stage)])
    stage.talk.start(declared.perSecond ?? PER_SECOND)
    await stage.flowing()
    await stage.handled(FLOW_COUNT[isFull ? 'full' : 'short'])
    const pulse = new Pulse(() => stage.awake)
    if (declared.pulse) pulse.start()
    await declared.run(stage)
    await stage.handled(FLOW_COUNT[isFull ? 'full' : 'short'])
    await stage.talk.stop()
    const verdict = await settle(stage, declared.allows)
    const problems = [...problemsOf(verdict, declared.allows), ...(declared.pulse ? await pulse.stop() : [])]
    const { name, promise, tier, allows } = declared
    const redisVersion = await stage.redisVersion()
    const passed = problems.length === 0
    const replacements = stage.queueTimes && {
      replacements: rollFigures(stage.rolls, await stage.observe(false), stage.queueTimes),
    }
    writeRow({ name, promise, tier, allows, ...where, passed, redisVersion, verdict, ...replacements })
    expect(problems).toEqual([])
    isKept = false
  } finally {
    const folder = await stage.close(isKept)
    if (isKept) console.error(`chaos: the diary and the logs of "${declared.name}" are in ${folder}`)
  }
}

/** Resolves with the verdict once nothing waits any more, or at the end of all patience, and a little later. */
async function settle(stage: ChaosStage, { cutOff = false }: Allowances): Promise<Verdict> {
  const look = async () => verdictOf(await stage.observe(cutOff), stage.harms)
  let fewest = Number.POSITIVE_INFINITY
  let deadlineMs = Number.POSITIVE_INFINITY
  for (;;) {
    const begunMs = systemClock.monotonicMs()
    const left = sumOf(await look(), 'lost')
    if (left < fewest) deadlineMs = begunMs + SETTLE_MS
    if (left === 0 || begunMs > deadlineMs) break
    fewest = Math.min(fewest, left)
    // A look at a long run takes its time, and the platforms are in this process too.
    await sleep(systemClock, LOOK_MS + LOOK_SHARE * (systemClock.monotonicMs() - begunMs))
  }
  await sleep(systemClock, QUIET_MS)
  return look()
}

function sumOf({ connections }: Verdict, what: 'lost'): number {
  return CONNECTIONS.reduce((sum, name) => sum + connections[name][what], 0)
}
