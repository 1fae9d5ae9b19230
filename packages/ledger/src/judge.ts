import type { DiaryLine } from './diary.ts'
import type { Unheard } from './entry.ts'
import { type Counts, Ledger } from './ledger.ts'
import type { SentEvent, SessionTurn } from './sent-event.ts'

export interface Evidence {
  readonly sent: readonly SentEvent[]
  /** What handlers wrote, in the order in which it happened. */
  readonly diary: readonly DiaryLine[]
  /** When the platform saw the socket of a connection end without a goodbye (Unix milliseconds). */
  readonly cutOffs: readonly { readonly connection: string; readonly at: number }[]
  /** What became of the Discord sessions of a connection, in order. */
  readonly turns: readonly (SessionTurn & { readonly connection: string })[]
  /** For each key, how many messages of the bot answer it on the platform. */
  readonly answers: ReadonlyMap<string, number>
  /** When a process was killed, by its id (Unix milliseconds). */
  readonly killedAt: ReadonlyMap<number, number>
  /** Which processes were cut off from the queue, and when. Default: none. */
  readonly unheard?: readonly Unheard[]
}

export interface Verdict
  extends Omit<Counts, 'waiting' | 'oldestWaitingAt' | 'answeredAgain' | 'completedTwice'> {
  /** Answers beyond one per message, and events completed twice. */
  readonly repeated: number
  /** What was found, for people. */
  readonly findings: readonly string[]
}

/** Judges a run that is over: the ledger of all of its evidence, in which nothing may wait any more. Pure. */
export function judge({ sent, cutOffs, turns, diary, answers, killedAt, unheard = [] }: Evidence): Verdict {
  const ledger = new Ledger({ keptCount: Number.POSITIVE_INFINITY })
  for (const event of sent) ledger.sent(event)
  for (const { connection, at } of cutOffs) ledger.cutOff(connection, at)
  for (const { connection, ...turn } of turns) ledger.turned(connection, turn)
  for (const line of diary) ledger.noted(line)
  for (const [key, count] of answers) for (let left = count; left > 0; left -= 1) ledger.answered(key, 0)
  for (const [pid, at] of killedAt) ledger.killed(pid, at)
  for (const span of unheard) ledger.unheard(span)
  ledger.giveUp(() => true)
  const { waiting: _, oldestWaitingAt: __, answeredAgain, completedTwice, ...counts } = ledger.counts
  return { ...counts, repeated: answeredAgain + completedTwice, findings: ledger.findings }
}
