import type { Gap } from '@holdfast/events'
import { sleep } from '@holdfast/runtime'
import type { Origin, Publish, Room } from '../ports.ts'
import { roomIn } from '../waiting.ts'
import { Asking, type AskingBounds, type AskingOptions } from './asking.ts'
import type { Debt } from './debt.ts'
import type { Conversation, History, HistoryMessage, Span } from './history.ts'
import { InFlight } from './in-flight.ts'

/**
 * Messages are recognised for an hour, whoever brings them. What is older than this is not read, so that nothing that was handled
 * is handled again; five minutes are for reading and publishing.
 */
const READ_BACK_MS = 55 * 60_000
/** Platforms stamp messages by their own clocks. What came over the socket as well is recognised. */
const MARGIN_MS = 10_000
/** So many messages are on their way at once: what is live must not wait behind them. */
const WINDOW_COUNT = 20
/** After so many the place is written down. */
const CHUNK_COUNT = 100
/** A gap may be announced before it ends: Slack tells of the minute in which it delivers no more. What ends later than this ends never. */
const NOT_ENDED_MS = 2 * 60_000
/** Of the requests so many may go to finding out what is to be read. */
const LISTING_SHARE = 0.5

/** How much one gap may cost. */
export interface FillBounds extends AskingBounds {
  readonly maxMessages: number
}

/** What filling in one gap takes. */
export interface FillOptions extends Omit<AskingOptions, 'bounds' | 'account' | 'charge'> {
  readonly bounds: FillBounds
  readonly history: History
  readonly publish: Publish
  /** By what right the messages are published. */
  readonly origin: Origin
  readonly room: Room | undefined
  /** Writes down how far it is. False where that can't be: it was told to stop, or the debt is another's by now. Never rejects. */
  readonly note: (debt: Debt) => Promise<boolean>
  /** So many messages more are confirmed. */
  readonly onFilled: (count: number) => void
}

/** `stopped`: the debt stays as it was noted last. `filled`: with what may be missing still, if anything is. */
export type FillEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'filled'; readonly left: Gap | undefined }

type Reached = 'whole' | 'left-out' | 'over' | 'stopped'

const STOPPED: FillEnd = { kind: 'stopped' }

/**
 * Fills in one gap: conversation after conversation, each oldest first, each message confirmed before the place behind it is
 * written down. A process that dies leaves at most some messages to be read again, which the queue recognises.
 */
export class Fill {
  readonly #options: FillOptions
  readonly #asking: Asking
  readonly #inFlight: InFlight
  #debt: Debt

  constructor(debt: Debt, options: FillOptions) {
    const { account } = debt
    this.#options = options
    this.#debt = debt
    this.#asking = new Asking({ ...options, account, charge: () => this.#note({}) })
    this.#inFlight = new InFlight(options.signal)
  }

  /** How far it is. */
  get debt(): Debt {
    return this.#debt
  }

  /** Never rejects. */
  async run(): Promise<FillEnd> {
    const { history, bounds, clock, signal } = this.#options
    await sleep(clock, this.#beginsInMs(), signal)
    const span = this.#span()
    // Nothing of it is young enough to be read.
    if (span.from > span.to) return this.#filled(0, true)
    const requestCount = Math.ceil(bounds.maxRequests * LISTING_SHARE)
    const { ask } = this.#asking
    const listing = await history.list(this.#debt.gap, span, ask, requestCount)
    if (signal.aborted) return STOPPED
    const done = new Set(this.#debt.done)
    const open = listing.conversations.filter(({ id }) => !done.has(id))
    for (const [index, conversation] of open.entries()) {
      const reached = await this.#fillIn(conversation)
      if (reached === 'stopped') return STOPPED
      if (reached === 'over') return this.#filled(listing.refusedCount + open.length - index, listing.isWhole)
      this.#close(conversation, reached)
    }
    return this.#filled(listing.refusedCount, listing.isWhole)
  }

  async #fillIn({ id, ...conversation }: Conversation): Promise<Reached> {
    const { history, clock, signal } = this.#options
    for (;;) {
      const { gap, current } = this.#debt
      const own = current?.id === id ? current : undefined
      const stretch = { gap, span: this.#span(), after: own?.position, readAt: clock.wallAt() }
      const { messages, end } = await history.read({ id, ...conversation }, stretch, this.#asking.ask)
      // What was read in part can't go out: the rest of it comes first.
      if (signal.aborted) return 'stopped'
      // Written down with the place: whoever goes on behind it does not see what is missing before.
      const isCut = own?.isCut === true || end === 'left-out' || end === 'over'
      const reached = await this.#publishAll({ id, isCut }, messages)
      if (reached !== 'whole') return reached
      if (end === 'whole' && isCut) return 'left-out'
      if (end !== 'more') return end
    }
  }

  /** The conversation is as full as it will be. */
  #close({ id }: Conversation, reached: 'whole' | 'left-out'): void {
    const { current: _, ...debt } = this.#debt
    const leftOutCount = debt.leftOutCount + (reached === 'left-out' ? 1 : 0)
    this.#debt = { ...debt, done: [...debt.done, id], leftOutCount }
  }

  async #publishAll(
    { id, isCut }: { readonly id: string; readonly isCut: boolean },
    messages: readonly HistoryMessage[],
  ): Promise<Reached> {
    const { bounds, onFilled } = this.#options
    for (let at = 0; at < messages.length; at += CHUNK_COUNT) {
      const { account } = this.#debt
      const wanted = messages.slice(at, at + CHUNK_COUNT)
      const chunk = wanted.slice(0, Math.max(0, bounds.maxMessages - account.messageCount))
      const filledCount = await this.#publish(chunk)
      if (filledCount === undefined) return 'stopped'
      onFilled(filledCount)
      const last = chunk.at(-1)
      const spent = { ...account, messageCount: account.messageCount + filledCount }
      const current = last && { id, position: last.position, ...(isCut && { isCut }) }
      const change = { account: spent, ...(current && { current }) }
      if (!(await this.#note(change))) return 'stopped'
      if (chunk.length < wanted.length) return 'over'
    }
    return 'whole'
  }

  /** Resolves when all are confirmed, to how many there were; to nothing when it was told to stop. */
  async #publish(messages: readonly HistoryMessage[]): Promise<number | undefined> {
    const { publish, origin, room, signal } = this.#options
    let count = 0
    for (const message of messages) {
      // A backfill must not take the place of what is live.
      if (room) await roomIn(room, signal)
      if (!(await this.#inFlight.atMost(WINDOW_COUNT - 1))) return undefined
      if (!this.#isFresh(message)) continue
      count += 1
      // Here responsibility passes: until the confirm, the platform's history is all that holds the message.
      publish(message.event, origin, this.#inFlight.begin())
    }
    return (await this.#inFlight.atMost(0)) ? count : undefined
  }

  /** Time goes on while it works: what becomes too old meanwhile is not published any more. */
  #isFresh({ at }: HistoryMessage): boolean {
    const oldestAt = this.#options.clock.wallAt() - READ_BACK_MS
    if (at >= oldestAt) return true
    this.#cutAt(oldestAt)
    return false
  }

  #beginsInMs(): number {
    const leftMs = this.#debt.gap.to - this.#options.clock.wallAt()
    return leftMs > NOT_ENDED_MS ? 0 : Math.max(0, leftMs)
  }

  #span(): Span {
    const { from, to } = this.#debt.gap
    const oldestAt = this.#options.clock.wallAt() - READ_BACK_MS
    if (from < oldestAt) this.#cutAt(oldestAt)
    return { from: Math.max(from - MARGIN_MS, oldestAt), to: to + MARGIN_MS }
  }

  #cutAt(at: number): void {
    const { cutAt = at, gap } = this.#debt
    this.#debt = { ...this.#debt, cutAt: Math.min(Math.max(cutAt, at), gap.to) }
  }

  async #filled(notReadCount: number, isListed: boolean): Promise<FillEnd> {
    if (!(await this.#note({}))) return STOPPED
    const { gap, leftOutCount, cutAt } = this.#debt
    const conversationCount = leftOutCount + notReadCount
    const receivedAt = this.#options.clock.wallAt()
    if (conversationCount > 0 || !isListed)
      return { kind: 'filled', left: leftOf(gap, gap.to, receivedAt, conversationCount || undefined) }
    return { kind: 'filled', left: cutAt === undefined ? undefined : leftOf(gap, cutAt, receivedAt) }
  }

  #note(change: Partial<Debt>): Promise<boolean> {
    const account = { ...this.#debt.account, ...change.account, ...this.#asking.spent }
    this.#debt = { ...this.#debt, ...change, account }
    return this.#options.note(this.#debt)
  }
}

/** What of a gap was not filled in. History has nothing more to give for it. */
export function leftOf(gap: Gap, to: number, receivedAt: number, conversationCount?: number): Gap {
  const { platform, connection, shard, bot, workspace, from } = gap
  const told = { why: 'backfill-incomplete', recoverable: [], receivedAt, conversationCount } as const
  return { platform, connection, shard, bot, workspace, from, to, ...told }
}
