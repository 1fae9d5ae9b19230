import { Conversations } from './conversations.ts'
import type { DiaryLine, GapLine } from './diary.ts'
import {
  type Entry,
  isCompletedTwice,
  isCutOff,
  isExcused,
  isSettled,
  newEntry,
  type Unheard,
} from './entry.ts'
import { Quotes } from './quotes.ts'
import { nameOf, type SentEvent, type SessionTurn } from './sent-event.ts'

/** What was sent, and what became of it. */
export interface Counts {
  readonly sent: number
  /** Sent events whose handler ended. */
  readonly handled: number
  /** Sent events that were answered. */
  readonly answered: number
  /** Given up: neither handled nor excused by an announced gap; and those handled without the answer that was expected. */
  readonly lost: number
  /** Answers beyond one per event. */
  readonly answeredAgain: number
  /** Events completed twice, whatever was answered. */
  readonly completedTwice: number
  /** Events that began before an earlier one of their conversation had ended, or again after a later one. */
  readonly reordered: number
  readonly announcedGaps: number
  /** Of those handled, what was filled in from the platform's history. */
  readonly backfilled: number
  /** Events that nobody can have read, at an instant that an announced gap covers, and that no history holds. */
  readonly notRecoverable: number
  /** The same, but history would have them: they lie in a gap of which it was said that it is not filled in. */
  readonly unfilled: number
  /** Sent, not handled, and neither lost nor excused by an announced gap. */
  readonly waiting: number
  /** When the first of those that wait was sent (Unix milliseconds). */
  readonly oldestWaitingAt?: number
}

/** How many of those with which all is well are remembered, so that a late repetition of them is noticed. */
const DEFAULT_KEPT_COUNT = 20_000
/** Of what is wrong, the first so many are told by name. */
const NAMED_COUNT = 1_000
const KEPT_GAP_COUNT = 1_000

/**
 * Compares what was sent with what was done, while it happens, and looks at nothing that Holdfast says about itself but
 * its gaps. Pure: it is told everything. Events with which all is well are counted and, beyond `keptCount` of them,
 * forgotten; what waits, is lost or lies in a gap is remembered until it is handled or folded away by `fold`.
 */
export class Ledger {
  readonly #keptCount: number
  readonly #entries = new Map<string, Entry>()
  /** Nothing more is expected of these, oldest first. */
  readonly #settled = new Set<Entry>()
  /** All others, oldest first. */
  readonly #open = new Set<Entry>()
  readonly #lost = new Set<Entry>()
  readonly #excused = new Set<Entry>()
  readonly #endedTwice = new Set<Entry>()
  readonly #gaps = new Map<string, GapLine>()
  readonly #unheard: Unheard[] = []
  readonly #conversations = new Conversations()
  /** What is filled in comes after what was live meanwhile, and is in order only with its like. */
  readonly #backfills = new Conversations()
  readonly #quotes = new Quotes()
  readonly #wrong: string[] = []
  #sum = {
    ...{ sent: 0, handled: 0, backfilled: 0, answered: 0, answeredAgain: 0, reordered: 0 },
    ...{ gaps: 0, notRecoverable: 0, unfilled: 0 },
  }
  #longestAnswerMs = 0

  constructor(options: { readonly keptCount?: number } = {}) {
    this.#keptCount = options.keptCount ?? DEFAULT_KEPT_COUNT
  }

  /** The platform sent an event. */
  sent(event: SentEvent): void {
    const entry = newEntry(event)
    this.#entries.set(event.key, entry)
    this.#open.add(entry)
    this.#sum.sent += 1
    if (event.quote !== undefined) this.#quotes.expect(event.quote, event.key)
  }

  /** Whether this gap was announced before: every worker may be told of it. */
  knows(gap: GapLine): boolean {
    return this.#gaps.has(nameOfGap(gap))
  }

  /** A handler, or several in this order, did something. Lines about events that are not known are left out. */
  noted(line: DiaryLine): void {
    if (line.what === 'gap') return this.#announce(line)
    if (line.what === 'step') return
    const entry = this.#entries.get(line.key)
    if (!entry) return
    if (line.what === 'begin') this.#begin(entry, line.delivery === 'backfill')
    else this.#end(entry, line)
  }

  /** The bot said something (at, in Unix milliseconds) that answers the event `key`. */
  answered(key: string, at: number): void {
    const entry = this.#entries.get(key)
    if (!entry?.event.expectsAnswer || entry.answerCount > 0) return this.#answerAgain(key)
    if (entry.event.quote !== undefined) this.#quotes.forget(entry.event.quote, key)
    entry.answerCount += 1
    this.#sum.answered += 1
    this.#longestAnswerMs = Math.max(this.#longestAnswerMs, at - entry.event.at)
    this.#settle(entry)
  }

  /** The bot said something that quotes this. */
  answeredQuote(quote: string, at: number): void {
    const key = this.#quotes.take(quote, (each) => this.#entries.get(each)?.begun ?? false)
    this.answered(key ?? quote, at)
  }

  /** The platform saw the socket of a connection end without a goodbye (Unix milliseconds). */
  cutOff(connection: string, at: number): void {
    for (const entry of this.#open) {
      if (entry.event.connection === connection && isCutOff(entry, at)) entry.missed = true
    }
  }

  /** A Discord session of a connection was resumed or ended: what it kept must be handled from here on, or is lost with it. */
  turned(connection: string, { n, lostCount }: SessionTurn): void {
    const kept = [...this.#open].filter(
      (entry) => entry.kept && entry.event.connection === connection && entry.event.n < n,
    )
    for (const [index, entry] of kept.entries()) {
      entry.kept = false
      entry.missed = index >= kept.length - lostCount
      // The bot may know of the end before the platform does.
      for (const gap of this.#gaps.values()) this.#excuse(entry, gap)
    }
  }

  /** A process was killed (Unix milliseconds): what it noted just before may run again. */
  killed(pid: number, at: number): void {
    this.unheard({ pid, fromAt: at, toAt: Number.POSITIVE_INFINITY })
  }

  /** A process was cut off from the queue: what it noted meanwhile, or just before, may run again. */
  unheard(span: Unheard): void {
    this.#unheard.push(span)
  }

  /**
   * Gives up those that still wait, unless a gap excuses them, where `isOver` says so of the instant (Unix milliseconds)
   * since which nothing speaks for them. They may come all the same.
   */
  giveUp(isOver: (sinceAt: number) => boolean): void {
    for (const entry of this.#open) {
      if (!this.#excused.has(entry) && isOver(this.#conversations.hopeEndedAt(entry))) this.#lost.add(entry)
    }
  }

  /** Forgets those in gaps that are older than this (Unix milliseconds); they stay counted. */
  fold(beforeAt: number): void {
    for (const entry of this.#excused) {
      if (entry.event.at >= beforeAt) continue
      this.#sum[excuseOf(entry)] += 1
      this.#forget(entry)
    }
  }

  /** From said to answered, the longest since the last call (ms). */
  takeLongestAnswerMs(): number {
    const longestMs = this.#longestAnswerMs
    this.#longestAnswerMs = 0
    return longestMs
  }

  get counts(): Counts {
    const { gaps, ...sum } = this.#sum
    for (const entry of this.#excused) sum[excuseOf(entry)] += 1
    const unhandled = [...this.#lost].filter(({ ends }) => ends.length === 0).length
    const waiting = sum.sent - sum.handled - sum.notRecoverable - sum.unfilled - unhandled
    const oldest = waiting > 0 ? this.#oldestWaiting() : undefined
    return {
      ...sum,
      waiting,
      lost: this.#lost.size,
      completedTwice: this.#completedTwice().length,
      announcedGaps: gaps,
      ...(oldest ? { oldestWaitingAt: oldest.event.at } : {}),
    }
  }

  /** What is wrong, by name, for people. */
  get findings(): readonly string[] {
    const lost = [...this.#lost].map(({ event, ends }) =>
      ends.length === 0 ? `lost: ${nameOf(event)}` : `lost: ${nameOf(event)} was handled, but never answered`,
    )
    const twice = this.#completedTwice().map(({ event }) => `repeated: ${nameOf(event)} was completed twice`)
    return [...lost, ...twice, ...this.#wrong].slice(0, NAMED_COUNT)
  }

  #begin(entry: Entry, isBackfill: boolean): void {
    if (isBackfill) {
      entry.backfilled = true
      this.#conversations.forget(entry)
    }
    // It arrived, whatever was announced: from here on it must be handled.
    entry.missed = false
    entry.kept = false
    this.#excused.delete(entry)
    const order = entry.backfilled ? this.#backfills : this.#conversations
    for (const { event } of order.begin(entry))
      this.#reorder(`reordered: ${nameOf(event)} began again after a later event`)
    entry.begun = true
  }

  #end(entry: Entry, line: Extract<DiaryLine, { what: 'end' }>): void {
    entry.ends.push(line)
    if (entry.ends.length > 1) return void this.#endedTwice.add(entry)
    this.#sum.handled += 1
    if (entry.backfilled) this.#sum.backfilled += 1
    this.#excused.delete(entry)
    const early = [...this.#conversations.end(entry, line.at), ...this.#backfills.end(entry, line.at)]
    for (const { event } of early)
      this.#reorder(`reordered: ${nameOf(event)} began before an earlier event had ended`)
    this.#settle(entry)
  }

  #announce(gap: GapLine): void {
    if (this.knows(gap)) return
    this.#sum.gaps += 1
    this.#gaps.set(nameOfGap(gap), gap)
    const [oldest] = this.#gaps.keys()
    if (this.#gaps.size > KEPT_GAP_COUNT && oldest !== undefined) this.#gaps.delete(oldest)
    for (const entry of this.#open) this.#excuse(entry, gap)
  }

  #excuse(entry: Entry, gap: GapLine): void {
    if (!isExcused(entry, gap)) return
    this.#excused.add(entry)
    this.#lost.delete(entry)
  }

  #answerAgain(name: string): void {
    this.#sum.answeredAgain += 1
    this.#name(`repeated: ${name} was answered once too often`)
  }

  #reorder(finding: string): void {
    this.#sum.reordered += 1
    this.#name(finding)
  }

  #name(finding: string): void {
    if (this.#wrong.length < NAMED_COUNT) this.#wrong.push(finding)
  }

  #settle(entry: Entry): void {
    if (entry.ends.length > 0 || entry.answerCount > 0) this.#lost.delete(entry)
    if (!isSettled(entry)) return
    this.#open.delete(entry)
    this.#settled.add(entry)
    const [oldest] = this.#settled
    if (this.#settled.size > this.#keptCount && oldest) this.#forget(oldest)
  }

  #forget(entry: Entry): void {
    const { key, quote } = entry.event
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
    if (quote !== undefined) this.#quotes.forget(quote, key)
    for (const set of [this.#settled, this.#open, this.#lost, this.#excused]) set.delete(entry)
    this.#conversations.forget(entry)
    this.#backfills.forget(entry)
  }

  #completedTwice(): Entry[] {
    return [...this.#endedTwice].filter((entry) => isCompletedTwice(entry, this.#unheard))
  }

  #oldestWaiting(): Entry | undefined {
    for (const entry of this.#open) {
      if (entry.ends.length === 0 && !this.#lost.has(entry) && !this.#excused.has(entry)) return entry
    }
    return undefined
  }
}

function excuseOf({ event }: Entry): 'notRecoverable' | 'unfilled' {
  return event.unrecorded ? 'notRecoverable' : 'unfilled'
}

/** What is left of a gap that could not be filled in may have its very instants. */
function nameOfGap({ connection, fromAt, toAt, fills = false }: GapLine): string {
  return `${connection} ${fromAt} ${toAt} ${fills}`
}
