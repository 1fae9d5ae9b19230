import { type DiaryLine, judge } from '@holdfast/ledger'
import { CONNECTIONS, type ConnectionName, SHARD_COUNT } from './connections.ts'
import { type ChaosEvent, evidenceOf, type Observed, ofKind, sentOn } from './evidence.ts'

/** What became of the events of one connection. */
export interface ConnectionVerdict {
  readonly sent: number
  readonly handled: number
  readonly answered: number
  readonly lost: number
  /** Handled to the end twice without a kill in between, or answered more than once. */
  readonly repeated: number
  readonly reordered: number
  readonly gaps: number
  /** Of those handled, what the platform's history filled in. */
  readonly backfilled: number
  /** In a gap that is to be filled in, and no history holds it: edits, reactions. */
  readonly notRecoverable: number
  /** Messages in a gap of which it was said that nothing fills it in. */
  readonly unfilled: number
  /** Events that Socket Mode itself gave no place in an order; they are judged for all else. */
  readonly unordered: number
  /** How often people saw the bot go offline. */
  readonly offline: number
  /** From the platform's instant to the begin of the handler. */
  readonly longestMs: number
  readonly p99Ms: number
}

/** Something that a scenario did to the stage. */
export interface Harm {
  readonly what: string
  /** The record's next place at that moment. */
  readonly n: number
  /** Unix milliseconds. */
  readonly at: number
}

export interface Verdict {
  readonly connections: Readonly<Record<ConnectionName, ConnectionVerdict>>
  readonly deadLetters: number
  /** Beyond the first one of each shard. */
  readonly identifies: number
  readonly resumes: number
  /** Steps that ran again although their record was there to be used. */
  readonly repeatedSteps: number
  /** From a harm to the first event sent after it being begun, on the slowest connection; the worst harm counts. */
  readonly recoverMs: number
  /** From a harm until no event waits longer than a second any more; the worst harm counts. */
  readonly caughtUpMs: number
  /** What was found, for people. */
  readonly findings: readonly string[]
}

/** An event that waits longer than this shows that something is not well yet. */
const WELL_MS = 1_000

/** What a run came to, from the simulator's record and the diaries alone. Pure. */
export function verdictOf(observed: Observed, harms: readonly Harm[]): Verdict {
  const begun = firstBegins(observed.diary)
  const events = new Map(CONNECTIONS.map((connection) => [connection, sentOn(connection, observed)]))
  const judged = CONNECTIONS.map((connection) => {
    const { findings, ...counts } = judge(evidenceOf(connection, observed))
    return { connection, findings, counts }
  })
  const connections = judged.map(({ connection, counts }) => {
    const sent = events.get(connection) ?? []
    const { handled, answered, lost, repeated, reordered, announcedGaps } = counts
    const { backfilled, notRecoverable, unfilled } = counts
    return [
      connection,
      {
        ...{ sent: counts.sent, handled, answered, lost, repeated, reordered },
        gaps: announcedGaps,
        ...{ backfilled, notRecoverable, unfilled },
        unordered: sent.filter(({ isUnordered }) => isUnordered).length,
        offline: offlineCount(observed, observed.bots[connection]),
        ...delaysOf(sent, begun),
      },
    ] as const
  })
  const identifies = ofKind(observed.record, 'identify').filter(({ bot }) => bot === observed.bots.discord)
  const resumes = ofKind(observed.record, 'resume').filter(({ outcome }) => outcome === 'resumed')
  return {
    connections: Object.fromEntries(connections) as Record<ConnectionName, ConnectionVerdict>,
    deadLetters: observed.deadLetters.size,
    identifies: identifies.length - SHARD_COUNT,
    resumes: resumes.length,
    repeatedSteps: repeatedSteps(observed.diary),
    recoverMs: Math.max(
      0,
      ...harms.map((harm) => Math.max(...[...events.values()].map((sent) => recoverMs(harm, sent, begun)))),
    ),
    caughtUpMs: Math.max(
      0,
      ...harms.map((harm, index) => caughtUpMs(harm, harms[index + 1], [...events.values()].flat(), begun)),
    ),
    findings: judged.flatMap(({ connection, findings }) =>
      findings.map((finding) => `${connection}: ${finding}`),
    ),
  }
}

/** When a handler first began, by key; what was filled in from history does not count. */
export function firstBegins(diary: readonly DiaryLine[]): ReadonlyMap<string, number> {
  const begun = new Map<string, number>()
  for (const line of diary) {
    if (line.what === 'begin' && line.delivery !== 'backfill' && !begun.has(line.key))
      begun.set(line.key, line.at)
  }
  return begun
}

/** Of the stream alone: what a scenario says beside it may have to wait for what it said before. */
function delaysOf(sent: readonly ChaosEvent[], begun: ReadonlyMap<string, number>) {
  const delays = sent
    .filter(isOfStream)
    .flatMap(({ key, at }) => {
      const beganAt = begun.get(key)
      return beganAt === undefined ? [] : [Math.max(0, beganAt - at)]
    })
    .sort((a, b) => a - b)
  return { longestMs: delays.at(-1) ?? 0, p99Ms: delays[Math.ceil(delays.length * 0.99) - 1] ?? 0 }
}

/** Said by the even stream, not by the scenario. */
export function isOfStream({ said }: ChaosEvent): boolean {
  return said.mode === 'note' || said.mode === 'ask'
}

function offlineCount({ record }: Observed, bot: string): number {
  return ofKind(record, 'presence').filter((entry) => entry.bot === bot && entry.status === 'offline').length
}

function recoverMs(harm: Harm, sent: readonly ChaosEvent[], begun: ReadonlyMap<string, number>): number {
  const after = sent.filter(({ n }) => n >= harm.n).flatMap(({ key }) => begun.get(key) ?? [])
  return after.length === 0 ? 0 : Math.max(0, Math.min(...after) - harm.at)
}

function caughtUpMs(
  harm: Harm,
  next: Harm | undefined,
  sent: readonly ChaosEvent[],
  begun: ReadonlyMap<string, number>,
): number {
  const late = sent.filter(isOfStream).flatMap(({ key, at }) => {
    const beganAt = begun.get(key) ?? 0
    const isOwn = beganAt >= harm.at && at < (next?.at ?? Number.POSITIVE_INFINITY)
    return isOwn && beganAt - at > WELL_MS ? [beganAt - harm.at] : []
  })
  return Math.max(0, ...late)
}

function repeatedSteps(diary: readonly DiaryLine[]): number {
  const steps = diary.flatMap((line) => (line.what === 'step' ? [`${line.key} ${line.name}`] : []))
  return steps.length - new Set(steps).size
}
