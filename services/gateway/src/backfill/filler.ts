import { type Gap, gapEvent } from '@holdfast/events'
import { messageOf } from '@holdfast/runtime'
import { announceGap } from '../drivers/gap-announcement.ts'
import type { Backfill, LastGap, Origin } from '../ports.ts'
import { unlessAborted, untilAnswered } from '../waiting.ts'
import type { BackfillTools } from './backfill-tools.ts'
import { type Debt, decodeDebt, encodeDebt, newDebt } from './debt.ts'
import { Debts } from './debts.ts'
import { Fill, leftOf } from './fill.ts'
import type { History } from './history.ts'

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
  /** See `AskingOptions.rests`. */
  readonly #rests = new Map<string, number>()
  readonly #debts: Debts
  #serving: Serving | undefined
  #fence = 0
  #onNews: () => void = () => {}

  constructor(options: FillerOptions) {
    const { metrics, connection } = options
    this.#options = options
    this.#debts = new Debts((change) => metrics.owed(connection, change))
  }

  covers(): boolean {
    const { history, wantsFilled } = this.#options
    return history.isHeard && wantsFilled(history.type)
  }

  async owe(gap: Gap, lease: Lease): Promise<void> {
    const { book, clock } = this.#options
    const { signal } = this.#closed
    const { id, dedupeWindowMs } = gapEvent(gap)
    const debt = newDebt(gap)
    const written = { id, text: encodeDebt(debt) }
    const answer = await untilAnswered(clock, signal, () =>
      book.owe(lease.unit, lease.fence, written, dedupeWindowMs),
    )
    if (answer === 'refused') lease.onFenced()
    // It is not written down, so whoever waits for that may not go on.
    if (answer === 'refused' || answer === undefined) return new Promise(() => {})
    if (answer === 'full') await this.#tellLeft(leftOf(gap, gap.to, clock.wallAt()), signal)
    if (answer !== 'owed') return
    this.#debts.add(id, debt)
    this.#onNews()
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
    this.#debts.clear()
  }

  /** The last gap with how it is filled in; `told`, where nothing is known of that one. */
  lastGap(told: LastGap | undefined): LastGap | undefined {
    return this.#debts.lastGap(told)
  }

  async #work(signal: AbortSignal): Promise<void> {
    await this.#recall(signal)
    while (!signal.aborted) {
      const { first } = this.#debts
      if (first) await this.#try(...first, signal)
      else await unlessAborted(signal, this.#news())
    }
  }

  /** A fault of ours must not come again with every start: the gap is given up, and told. */
  async #try(id: string, debt: Debt, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options
    try {
      await this.#fillIn(id, debt, signal)
    } catch (error) {
      log.error({ ...this.#name, error: messageOf(error) }, 'a gap could not be filled in: it is given up')
      await this.#settle(id, debt, leftOf(debt.gap, debt.gap.to, clock.wallAt()), signal)
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
      if (debt) this.#debts.add(id, debt)
    }
  }

  async #fillIn(id: string, debt: Debt, signal: AbortSignal): Promise<void> {
    const { gap } = debt
    if (!this.covers()) return this.#settle(id, debt, undefined, signal)
    this.#tell('info', 'fills in from history what was missed', debt)
    const { connection, metrics, room } = this.#options
    const fill = new Fill(debt, {
      ...this.#options,
      room,
      rests: this.#rests,
      origin: { connection: gap.connection, lease: this.#lease },
      signal,
      note: (noted) => this.#note(id, noted, signal),
      onFilled: (count) => metrics.filled(connection, count),
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
    if (answer === 'refused') this.#refused()
    if (answer === 'refused' || answer === undefined) return
    this.#debts.settle(id, debt, left ? 'incomplete' : 'done')
    if (left)
      this.#tell('warn', 'history did not fill in all that was missed: the rest is a gap of its own', debt)
    else this.#tell('info', 'filled in from history what was missed', debt)
  }

  /** By the way of every gap, but nothing is owed of this one. */
  async #tellLeft(left: Gap, signal: AbortSignal): Promise<void> {
    const { connection, log } = this.#options
    const unit = {
      origin: { connection, lease: this.#lease },
      missed: () => {},
      tell: (level: 'info' | 'warn' | 'error', message: string, fields: object = {}) =>
        log[level]({ ...this.#name, ...fields }, message),
    }
    const told = new Promise<void>((resolve) => announceGap(left, { ...this.#options, unit }, resolve))
    await unlessAborted(signal, told)
  }

  async #note(id: string, debt: Debt, signal: AbortSignal): Promise<boolean> {
    const { book, clock, unit, metrics, connection } = this.#options
    const written = { id, text: encodeDebt(debt) }
    const windowMs = gapEvent(debt.gap).dedupeWindowMs
    const answer = await untilAnswered(clock, signal, async () => {
      const noted = await book.note(unit, this.#fence, written, windowMs)
      // A Redis that came back empty, or older than it was, knows nothing of it: it is owed all the same.
      return noted === 'unknown' ? book.owe(unit, this.#fence, written, windowMs) : noted
    })
    if (answer === 'refused') this.#refused()
    // It was settled under an older number.
    if (answer === 'known' || answer === 'full') this.#debts.forget(id)
    if (answer !== 'noted' && answer !== 'owed') return false
    if (debt.account.requestCount > (this.#debts.find(id)?.account.requestCount ?? 0))
      metrics.asked(connection)
    this.#debts.move(id, debt)
    return true
  }

  #refused(): void {
    this.#serving?.halt.abort()
    this.#options.onFenced()
  }

  get #lease(): Lease {
    return { unit: this.#options.unit, fence: this.#fence, onFenced: () => this.#refused() }
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
