import { sleep, systemClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { ChaosStage, type StageOptions } from './chaos-stage.ts'
import { CONNECTIONS, type ConnectionName } from './connections.ts'
import { writeRow } from './rows.ts'
import { PER_SECOND } from './settings.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What a scenario may cost, beyond nothing. */
export interface Allowances {
  /**
   * Connections on which a gap may, or must, be announced. In it lies only what nobody can have read: on RTM what was sent
   * while no socket of the bot was open, on Discord what an ended session had kept for nobody.
   */
  readonly gaps?: Partial<Readonly<Record<ConnectionName, 'may' | 'must'>>>
  /** What was written to a socket of RTM in the second before it broke without a goodbye may lie in the gap as well. */
  readonly cutOff?: boolean
  /** At most so many identifies, beyond the first of each shard. */
  readonly identifies?: number
  /** At most so many times offline, by connection. */
  readonly offline?: Partial<Readonly<Record<ConnectionName, number>>>
  /** Exactly so many dead letters. */
  readonly deadLetters?: number
}

/** One thing that goes wrong, the promise it attacks, and what it may cost. */
export interface Scenario {
  /** A sentence. */
  readonly name: string
  readonly promise: 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8'
  /** `short` runs with every test run, `full` with `npm run chaos`. */
  readonly tier: 'short' | 'full'
  readonly allows: Allowances
  readonly stage?: StageOptions
  /** How many workers and gateways run when it begins: 2 and 1 by default. */
  readonly workers?: number
  readonly gateways?: number
  /** Starts the gateways, where they are to be other than plain. Resolves when they are ready. */
  readonly begin?: (stage: ChaosStage) => Promise<unknown>
  /** Begins while people talk and everything flows. What is still on its way when it resolves is waited for. */
  readonly run: (stage: ChaosStage) => Promise<void>
}

/** After the run, for what still waits: Socket Mode's last redelivery and the worst return of a dead worker's jobs. */
const SETTLE_MS = 75_000
/** A second answer would come within this, if at all. */
const QUIET_MS = 1_000
const LOOK_MS = 100

const isFull = process.env.HOLDFAST_CHAOS === 'full'
const times = Number(process.env.HOLDFAST_CHAOS_TIMES ?? 1)

/** Declares a scenario as a test: nothing is lost, repeated or reordered but for what it allows. */
export function scenario(declared: Scenario): void {
  for (let round = 1; round <= times; round += 1) {
    const name = times === 1 ? declared.name : `${declared.name} (${round} of ${times})`
    test.skipIf(declared.tier === 'full' && !isFull)(name, () => perform(declared, round))
  }
}

async function perform(declared: Scenario, round: number): Promise<void> {
  const stage = await ChaosStage.open(declared.stage)
  let isKept = true
  try {
    const names = Array.from({ length: declared.gateways ?? 1 }, (_, index) => `gateway-${index + 1}`)
    const begin =
      declared.begin ?? (() => Promise.all(names.map((replicaId) => stage.startGateway({ replicaId }))))
    await Promise.all([stage.bots.hire(declared.workers ?? 2), begin(stage)])
    stage.talk.start(PER_SECOND)
    await stage.flowing()
    await declared.run(stage)
    await stage.talk.stop()
    const verdict = await settle(stage, declared.allows)
    const problems = problemsOf(verdict, declared.allows)
    writeRow({ ...declared, round, passed: problems.length === 0, verdict })
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
  const deadlineMs = systemClock.monotonicMs() + SETTLE_MS
  while (systemClock.monotonicMs() < deadlineMs && sumOf(await look(), 'lost') > 0)
    await sleep(systemClock, LOOK_MS)
  await sleep(systemClock, QUIET_MS)
  return look()
}

/** Each way in which a verdict goes beyond what is allowed, in words. */
export function problemsOf(verdict: Verdict, allows: Allowances): readonly string[] {
  const problems: string[] = []
  const atMost = (what: string, count: number, most: number) => {
    if (count > most) problems.push(`${what}: ${count}, allowed: ${most}`)
  }
  for (const name of CONNECTIONS) {
    const { sent, lost, repeated, reordered, gaps, offline } = verdict.connections[name]
    const allowed = allows.gaps?.[name]
    if (sent === 0) problems.push(`${name}: nothing was sent`)
    atMost(`${name}: lost`, lost, 0)
    atMost(`${name}: repeated`, repeated, 0)
    atMost(`${name}: reordered`, reordered, 0)
    atMost(`${name}: gaps announced`, gaps, allowed === undefined ? 0 : Number.POSITIVE_INFINITY)
    if (allowed === 'must' && gaps === 0) problems.push(`${name}: no gap was announced`)
    atMost(`${name}: times offline`, offline, allows.offline?.[name] ?? 0)
  }
  atMost('identifies', verdict.identifies, allows.identifies ?? 0)
  atMost('repeated steps', verdict.repeatedSteps, 0)
  if (verdict.deadLetters !== (allows.deadLetters ?? 0))
    problems.push(`dead letters: ${verdict.deadLetters}, expected: ${allows.deadLetters ?? 0}`)
  return problems.length === 0 ? problems : [...problems, ...verdict.findings.slice(0, 10)]
}

function sumOf({ connections }: Verdict, what: 'lost'): number {
  return CONNECTIONS.reduce((sum, name) => sum + connections[name][what], 0)
}
