import type { EndLine, GapLine, LedgerLine } from './ledger.ts'

/** An event as the platform sent it, from the simulator's record. */
export interface SentEvent {
  /** The sender's name for it, which it carries through everything. */
  readonly key: string
  /** Place in the record: what has the smaller number was sent first. */
  readonly n: number
  /** When the platform sent it (Unix milliseconds). */
  readonly at: number
  readonly connection: string
  /** Where its order counts; absent for events that belong to no conversation. */
  readonly conversation?: string
  /** The bot must answer it, once. */
  readonly expectsAnswer: boolean
  /** The transport repeats nothing: only then may an announced gap excuse the event. */
  readonly unrepeatable: boolean
}

export interface Evidence {
  readonly sent: readonly SentEvent[]
  /** What handlers wrote, in the order in which it happened. */
  readonly ledger: readonly LedgerLine[]
  /** For each key, how many messages of the bot answer it on the platform. */
  readonly answers: ReadonlyMap<string, number>
  /** When a process was killed, by its id (Unix milliseconds). */
  readonly killedAt: ReadonlyMap<number, number>
}

/**
 * An end that a killed process wrote this shortly before is not taken for a completion: the kill may have come between
 * the end of the handler and the record of it, and then the event must run again. Its answers are judged all the same.
 */
const RECORDING_MS = 500

export interface Verdict {
  readonly sent: number
  /** Sent events whose handler ended. */
  readonly handled: number
  /** Messages that were answered. */
  readonly answered: number
  /** Neither handled nor in an announced gap; and messages handled without an answer. */
  readonly lost: number
  /** Answers beyond one per message, and events completed twice. */
  readonly repeated: number
  /** Events that began before an earlier one of their conversation had ended. */
  readonly reordered: number
  readonly announcedGaps: number
  /** Events missed by a transport that repeats nothing, at an instant that an announced gap covers. */
  readonly inAnnouncedGaps: number
  /** What was found, for people. */
  readonly findings: readonly string[]
}

/** Compares what was sent with what was done. Pure; looks at nothing that Holdfast says about itself but its gaps. */
export function judge(evidence: Evidence): Verdict {
  const runs = readRuns(evidence.ledger)
  const gaps = evidence.ledger.filter((line) => line.what === 'gap')
  const missed = evidence.sent.filter(({ key }) => !runs.get(key)?.ends.length)
  const excused = missed.filter((event) => isExcused(event, gaps))
  const lost = missed.filter((event) => !excused.includes(event)).map((event) => `lost: ${nameOf(event)}`)
  const answers = judgeAnswers(evidence, runs)
  const twice = evidence.sent.filter(({ key }) => completions(runs.get(key) ?? NEVER, evidence.killedAt) > 1)
  const reordered = findReordered(evidence, runs)
  return {
    sent: evidence.sent.length,
    handled: evidence.sent.length - missed.length,
    answered: evidence.sent.filter(({ key, expectsAnswer }) => expectsAnswer && evidence.answers.has(key))
      .length,
    lost: lost.length + answers.missing.length,
    repeated: answers.extra.length + twice.length,
    reordered: reordered.length,
    announcedGaps: new Set(gaps.map(({ connection, fromAt, toAt }) => `${connection} ${fromAt} ${toAt}`))
      .size,
    inAnnouncedGaps: excused.length,
    findings: [
      ...[lost, answers.missing, answers.extra].flat(),
      ...twice.map((event) => `repeated: ${nameOf(event)} was completed twice`),
      ...reordered,
    ],
  }
}

/** What happened to one event, as places in the ledger. */
interface Runs {
  readonly starts: readonly number[]
  readonly ends: readonly EndLine[]
  /** Place of the first end. */
  readonly endedAt?: number
  /** Filled in from history, outside of the order. */
  readonly backfilled: boolean
}

const NEVER: Runs = { starts: [], ends: [], backfilled: false }

function readRuns(ledger: readonly LedgerLine[]): ReadonlyMap<string, Runs> {
  const all = new Map<string, Runs>()
  for (const [place, line] of ledger.entries()) {
    if (line.what === 'gap') continue
    const runs = all.get(line.key) ?? NEVER
    if (line.what === 'end') {
      all.set(line.key, { ...runs, ends: [...runs.ends, line], endedAt: runs.endedAt ?? place })
    } else {
      const backfilled = runs.backfilled || line.delivery === 'backfill'
      all.set(line.key, { ...runs, starts: [...runs.starts, place], backfilled })
    }
  }
  return all
}

function isExcused(event: SentEvent, gaps: readonly GapLine[]): boolean {
  return (
    event.unrepeatable &&
    gaps.some((gap) => gap.connection === event.connection && gap.fromAt <= event.at && event.at <= gap.toAt)
  )
}

/** Answers are counted on the platform: what a handler believes to have posted proves nothing. */
function judgeAnswers({ sent, answers }: Evidence, runs: ReadonlyMap<string, Runs>) {
  const expected = sent.filter(({ expectsAnswer }) => expectsAnswer)
  const missing = expected
    .filter(({ key }) => runs.get(key)?.ends.length && !answers.has(key))
    .map((event) => `lost: ${nameOf(event)} was handled, but never answered`)
  const extra = [...answers].flatMap(([key, count]) => {
    const allowed = expected.some((event) => event.key === key) ? 1 : 0
    return Array.from({ length: count - allowed }, () => `repeated: ${key} was answered ${count} times`)
  })
  return { missing, extra }
}

function completions({ ends }: Runs, killedAt: Evidence['killedAt']): number {
  return ends.filter(({ pid, at }) => at < (killedAt.get(pid) ?? Number.POSITIVE_INFINITY) - RECORDING_MS)
    .length
}

function findReordered({ sent }: Evidence, runs: ReadonlyMap<string, Runs>): string[] {
  const conversations = new Map<string, SentEvent[]>()
  for (const event of sent.toSorted((a, b) => a.n - b.n)) {
    const { starts, backfilled } = runs.get(event.key) ?? NEVER
    if (event.conversation === undefined || starts.length === 0 || backfilled) continue
    conversations.set(event.conversation, [...(conversations.get(event.conversation) ?? []), event])
  }
  return [...conversations.values()].flatMap((events) => outOfOrder(events, runs))
}

/** Events of one conversation, as sent, that began before an earlier one ended, or began again after a later one. */
function outOfOrder(events: readonly SentEvent[], runs: ReadonlyMap<string, Runs>): string[] {
  let earlierEnd = -1
  const early = events.filter(({ key }) => {
    const { starts, endedAt = -1 } = runs.get(key) ?? NEVER
    const tooEarly = (starts[0] ?? 0) < earlierEnd
    earlierEnd = Math.max(earlierEnd, endedAt)
    return tooEarly
  })
  let laterStart = Number.POSITIVE_INFINITY
  const late = events.toReversed().filter(({ key }) => {
    const { starts } = runs.get(key) ?? NEVER
    const again = starts.slice(1).some((place) => place > laterStart)
    laterStart = Math.min(laterStart, starts[0] ?? laterStart)
    return again
  })
  return [
    ...early.map((event) => `reordered: ${nameOf(event)} began before an earlier event had ended`),
    ...late.map((event) => `reordered: ${nameOf(event)} began again after a later event`),
  ]
}

function nameOf({ key, conversation }: SentEvent): string {
  return conversation === undefined ? key : `${key} of ${conversation}`
}
