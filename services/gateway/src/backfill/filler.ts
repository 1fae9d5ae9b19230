import { type Gap, gapEvent } from '@holdfast/events'
import type { CallBudget, GapBook } from '@holdfast/ownership'
import type { Clock, Log } from '@holdfast/runtime'
import { announceGap } from '../drivers/gap-announcement.ts'
import type {
  Backfill,
  BackfillStatus,
  ConnectionMetrics,
  DriverTools,
  LastGap,
  Origin,
  Publish,
  Room,
} from '../ports.ts'
import { type Debt, decodeDebt, encodeDebt, newDebt } from './debt.ts'
import { Fill, type FillBounds, leftOf } from './fill.ts'
import type { History } from './history.ts'
import { unlessAborted, untilAnswered } from './waiting.ts'

/** What backfills count. Each call is made after the fact. */
export interface BackfillMetrics extends Pick<ConnectionMetrics, 'gap'> {
  /** Messages from history are confirmed. */
  filled(connection: string, count: number): void
  /** The history of a connection is asked once more. */
  asked(connection: string): void
  /** So many gaps more are owed; negative: fewer. */
  owed(connection: string, change: number): void
}

/** What all backfills of a gateway work with. */
export interface BackfillTools {
  readonly book: GapBook
  readonly budget: CallBudget
  readonly publish: Publish
  readonly wanted: DriverTools['wanted']
  /** Whether any subscription wants messages of this type from history. Counts nothing. */
  readonly wantsFilled: (type: string) => boolean
  readonly room?: Room | undefined
  readonly bounds: FillBounds
  readonly metrics: BackfillMetrics
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly log: Log
}

/** One unit and its history. */
export interface FillerOptions extends BackfillTools {
  readonly connection: string
  /** `acme`, or `bastion/3` for a shard. */
  readonly unit: string
  readonly history: History
  /** The unit is another's by now. */
  readonly onFenced: () => void
}

type Lease = NonNullable<Origin['lease']>

/** Serving: it works. Not serving: what is owed waits, here or for another. */
interface Serving {
  readonly halt: AbortController
  readonly work: Promise<void>
}

/**
 * What is owed of one unit's gaps, worked off one after the other, oldest first, while the unit is served here: from `serve` to
 * `pause`. What is not done stays written down, for whoever serves the unit next.
 */
export class Filler implements Backfill {
  readonly #options: FillerOptions
  readonly #closed = new AbortController()
  readonly #rests = new Map<string, number>()
  readonly #debts = new Map<string, Debt>()
  #serving: Serving | undefined
  #fence = 0
  #onNews: () => void = () => {}
  /** The last gap that something was done about. */
  #last: { readonly gap: Gap; readonly status: BackfillStatus } | undefined

  constructor(options: FillerOptions) {
    this.#options = options
  }

  covers(): boolean {
    const { history, wantsFilled } = this.#options
    return history.isHeard && wantsFilled(history.type)
  }

  async owe(gap: Gap, lease: Lease): Promise<void> {
    const { book, clock } = this.#options
    const { id, dedupeWindowMs } = gapEvent(gap)
    const debt = newDebt(gap)
    const written = { id, text: encodeDebt(debt) }
    const answer = await untilAnswered(clock, this.#closed.signal, () =>
      book.owe(lease.unit, lease.fence, written, dedupeWindowMs),
    )
    if (answer === 'refused') lease.onFenced()
    // Neither is it written down, nor may whoever waits for that go on.
    if (answer === 'refused' || answer === undefined) return new Promise(() => {})
    if (answer === 'owed') this.#add(id, debt)
    if (answer === 'full') await this.#tellLeft(leftOf(gap, gap.to, clock.wallAt()), this.#closed.signal)
  }

  /** The unit is served here, under this number: begins with what is owed of it. */
  serve(fence = this.#fence): void {
    if (this.#serving || this.#closed.signal.aborted) return
    this.#fence = fence
    const halt = new AbortController()
    this.#serving = { halt, work: this.#work(halt.signal) }
  }

  /** It is not any more, or will not be for long. Resolves when nothing is under way. */
  async pause(): Promise<void> {
    const serving = this.#serving
    this.#serving = undefined
    serving?.halt.abort()
    await serving?.work
  }

  /** Of no more use: nothing waits to be written down any more. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.pause()
    this.#show(() => this.#debts.clear())
  }

  /** The last gap with how it is filled in; `told`, where it knows nothing of that one. */
  lastGap(told: LastGap | undefined): LastGap | undefined {
    const last = this.#last
    if (!last) return told
    const { from, to, why } = last.gap
    const mine = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), why }
    if (told && (told.from !== mine.from || told.to !== mine.to)) return told
    return { ...mine, backfill: last.status }
  }

  async #work(signal: AbortSignal): Promise<void> {
    await this.#recall(signal)
    while (!signal.aborted) {
      const [next] = [...this.#debts].sort(([, one], [, other]) => one.gap.from - other.gap.from)
      if (next) await this.#fillIn(...next, signal)
      else await unlessAborted(signal, this.#news())
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#onNews = resolve
    })
  }

  /** What an earlier owner left, or this one before it paused. */
  async #recall(signal: AbortSignal): Promise<void> {
    const { book, clock, unit } = this.#options
    const owed = (await untilAnswered(clock, signal, () => book.owed(unit))) ?? []
    for (const { id, text } of owed) {
      const debt = decodeDebt(text)
      if (debt) this.#add(id, debt)
    }
  }

  async #fillIn(id: string, debt: Debt, signal: AbortSignal): Promise<void> {
    const { gap } = debt
    if (!this.covers()) return this.#settle(id, debt, undefined, signal)
    this.#tell('info', 'fills in from history what was missed', debt)
    const fill = new Fill(debt, {
      ...this.#options,
      rests: this.#rests,
      origin: { connection: gap.connection, lease: this.#lease },
      signal,
      room: this.#options.room,
      note: (noted) => this.#note(id, noted, signal),
      onFilled: (count) => this.#options.metrics.filled(gap.connection, count),
    })
    const end = await fill.run()
    if (end.kind === 'filled') await this.#settle(id, fill.debt, end.left, signal)
  }

  /** What is left is told before the debt goes: whoever dies between the two tells it again, and the queue recognises it. */
  async #settle(id: string, debt: Debt, left: Gap | undefined, signal: AbortSignal): Promise<void> {
    const { book, clock, unit } = this.#options
    if (left) await this.#tellLeft(left, signal)
    if (signal.aborted) return
    const windowMs = gapEvent(debt.gap).dedupeWindowMs
    const answer = await untilAnswered(clock, signal, () => book.settle(unit, this.#fence, id, windowMs))
    if (answer === undefined) return
    if (answer === 'refused') return this.#refused()
    this.#show(() => this.#debts.delete(id))
    this.#becomes(debt, left ? 'incomplete' : 'done')
    if (left)
      this.#tell('warn', 'history did not fill in all that was missed: the rest is a gap of its own', debt)
    else this.#tell('info', 'filled in from history what was missed', debt)
  }

  async #tellLeft(left: Gap, signal: AbortSignal): Promise<void> {
    const { connection, log } = this.#options
    const unit = {
      origin: { connection, lease: this.#lease },
      missed: () => {},
      tell: (level: 'info' | 'warn' | 'error', message: string, fields: object = {}) =>
        log[level]({ ...this.#name, ...fields }, message),
    }
    await unlessAborted(
      signal,
      new Promise<void>((resolve) => announceGap(left, { ...this.#options, unit }, resolve)),
    )
  }

  async #note(id: string, debt: Debt, signal: AbortSignal): Promise<boolean> {
    const { book, clock, unit, metrics, connection } = this.#options
    const before = this.#debts.get(id)?.account.requestCount ?? 0
    const written = { id, text: encodeDebt(debt) }
    const windowMs = gapEvent(debt.gap).dedupeWindowMs
    const answer = await untilAnswered(clock, signal, () => book.note(unit, this.#fence, written, windowMs))
    if (answer === 'refused') this.#refused()
    // Nobody has written to it for so long that it is forgotten.
    if (answer === 'unknown') this.#show(() => this.#debts.delete(id))
    if (answer !== 'noted') return false
    if (debt.account.requestCount > before) metrics.asked(connection)
    this.#debts.set(id, debt)
    this.#becomes(debt, 'running')
    return true
  }

  #add(id: string, debt: Debt): void {
    this.#show(() => this.#debts.set(id, debt))
    this.#becomes(debt, 'owed')
    this.#onNews()
  }

  #refused(): void {
    this.#serving?.halt.abort()
    this.#options.onFenced()
  }

  get #lease(): Lease {
    return { unit: this.#options.unit, fence: this.#fence, onFenced: () => this.#refused() }
  }

  /** Shows how many are owed after a change. */
  #show(change: () => void): void {
    const before = this.#debts.size
    change()
    const { metrics, connection } = this.#options
    if (this.#debts.size !== before) metrics.owed(connection, this.#debts.size - before)
  }

  #becomes({ gap, account }: Debt, state: BackfillStatus['state']): void {
    const { messageCount, requestCount } = account
    this.#last = { gap, status: { state, messageCount, requestCount } }
  }

  get #name(): object {
    const { connection, unit } = this.#options
    const shard = unit.split('/')[1]
    return { connection, ...(shard === undefined ? {} : { shard: Number(shard) }) }
  }

  #tell(level: 'info' | 'warn', message: string, { gap, account, done, leftOutCount }: Debt): void {
    const [from, to] = [new Date(gap.from).toISOString(), new Date(gap.to).toISOString()]
    const counts = { ...account, doneCount: done.length, leftOutCount }
    this.#options.log[level]({ ...this.#name, from, to, why: gap.why, ...counts }, message)
  }
}
