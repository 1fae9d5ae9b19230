import type { EndLine, GapLine } from './diary.ts'
import type { SentEvent } from './sent-event.ts'

/** What is known of one event so far. */
export interface Entry {
  readonly event: SentEvent
  begun: boolean
  /** Filled in from history, outside of the order. */
  backfilled: boolean
  readonly ends: EndLine[]
  answerCount: number
  /** It began before an earlier event of its conversation had ended. */
  early: boolean
  /** It began again after a later event of its conversation. */
  late: boolean
}

export function newEntry(event: SentEvent): Entry {
  return { event, begun: false, backfilled: false, ends: [], answerCount: 0, early: false, late: false }
}

/** Nothing is expected of it any more: its handler ended, and it was answered if it had to be. */
export function isSettled({ event, ends, answerCount }: Entry): boolean {
  return ends.length > 0 && (answerCount > 0 || !event.expectsAnswer)
}

/** Whether an announced gap is why nobody handled it. */
export function isExcused({ event, ends }: Entry, gaps: Iterable<GapLine>): boolean {
  if (!event.missed || ends.length > 0) return false
  for (const { connection, fromAt, toAt } of gaps)
    if (connection === event.connection && fromAt <= event.at && event.at <= toAt) return true
  return false
}

/**
 * An end that a killed process wrote this shortly before is not taken for a completion: the kill may have come between
 * the end of the handler and the record of it, and then the event must run again. Its answers are judged all the same.
 */
const RECORDING_MS = 500

export function isCompletedTwice({ ends }: Entry, killedAt: ReadonlyMap<number, number>): boolean {
  const completions = ends.filter(
    ({ pid, at }) => at < (killedAt.get(pid) ?? Number.POSITIVE_INFINITY) - RECORDING_MS,
  )
  return completions.length > 1
}
