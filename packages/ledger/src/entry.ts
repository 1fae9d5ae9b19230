import type { EndLine, GapLine } from './diary.ts'
import type { SentEvent } from './sent-event.ts'

/** What is known of one event so far. */
export interface Entry {
  readonly event: SentEvent
  /** Nobody can have read it, and nobody repeats it: only then may an announced gap excuse it. */
  missed: boolean
  /** A Discord session keeps it, and nobody has read it. */
  kept: boolean
  begun: boolean
  /** Filled in from history: in order with its like alone. */
  backfilled: boolean
  readonly ends: EndLine[]
  answerCount: number
  /** It began before an earlier event of its conversation had ended. */
  early: boolean
  /** It began again after a later event of its conversation. */
  late: boolean
}

export function newEntry(event: SentEvent): Entry {
  return {
    event,
    missed: event.once === 'missed',
    kept: event.once === 'kept',
    begun: false,
    backfilled: false,
    ends: [],
    answerCount: 0,
    early: false,
    late: false,
  }
}

/** Nothing is expected of it any more: its handler ended, and it was answered if it had to be. */
export function isSettled({ event, ends, answerCount }: Entry): boolean {
  return ends.length > 0 && (answerCount > 0 || !event.expectsAnswer)
}

/** Whether an announced gap is why nobody handled it: what is to be filled in must be handled all the same. */
export function isExcused(
  { event, missed, ends }: Entry,
  { connection, fromAt, toAt, fills }: GapLine,
): boolean {
  if (!missed || ends.length > 0 || (fills && !event.unrecorded)) return false
  return connection === event.connection && fromAt <= event.at && event.at <= toAt
}

/** What is written to a socket may be under way this long; a bot that dies never reads it. */
const UNDER_WAY_MS = 1_000

/** Whether the end of the connection's socket, as the platform saw it (Unix milliseconds), cut the event off. */
export function isCutOff({ event, begun }: Entry, closedAt: number): boolean {
  return !begun && event.once === 'written' && event.at <= closedAt && closedAt - event.at <= UNDER_WAY_MS
}

/** A process could tell nobody what it did, as it was killed or cut off from the queue: between these instants (Unix milliseconds). */
export interface Unheard {
  readonly pid: number
  readonly fromAt: number
  readonly toAt: number
}

/**
 * An end that an unheard process wrote, also this shortly before, is not taken for a completion: there may be no record of it,
 * and then the event must run again. Its answers are judged all the same.
 */
const RECORDING_MS = 500

export function isCompletedTwice({ ends }: Entry, unheard: readonly Unheard[]): boolean {
  const completions = ends.filter(
    ({ pid, at }) =>
      !unheard.some((span) => span.pid === pid && span.fromAt - RECORDING_MS <= at && at <= span.toAt),
  )
  return completions.length > 1
}
