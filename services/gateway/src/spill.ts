import type { OutgoingEvent } from '@holdfast/events'
import { type Clock, endsWithin, type Service, type Timer } from '@holdfast/runtime'
import type { DiskJournal } from './journal.ts'
import type { JournalEntry, Origin, Publish } from './ports.ts'

export interface SpillOptions {
  /** On the way to Redis, which always goes first. */
  readonly publish: Publish
  readonly journal: Pick<DiskJournal, 'keepAll'>
  readonly clock: Clock
}

/** What Redis has not confirmed within this time goes to the disk too. */
const PATIENCE_MS = 225
/** One more turn of the event loop, at least: after one that was blocked the confirms are there and were not read. */
const LAST_LOOK_MS = 25
const SPILL_MS = PATIENCE_MS + LAST_LOOK_MS
/** How long a journal that refused is left alone. */
const AGAIN_MS = 1_000

/** A disk that hangs must not hold up a stop for longer. */
const STOP_MS = 5_000

/** An event on its way. */
interface Traveller {
  readonly event: OutgoingEvent
  readonly connection: string
  readonly sinceMs: number
  readonly onKept: () => void
  entry: JournalEntry | undefined
}

/**
 * Beside the publisher: what may be kept and Redis does not confirm within 250 ms goes to the journal, in the order of the calls,
 * what is due at one time with one fsync. It is settled there once Redis has it, or refuses it because another owner publishes
 * it. Where Redis is quick, nothing is written. A journal that can't take it is tried again; the events wait in memory.
 */
export class Spill implements Service {
  readonly #options: SpillOptions
  /** Neither confirmed nor kept, oldest first. */
  readonly #waiting = new Set<Traveller>()
  #timer: Timer | undefined
  #writing: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SpillOptions) {
    this.#options = options
  }

  readonly publish: Publish = (event, origin, onConfirmed, onKept) => {
    const { publish } = this.#options
    if (!onKept) return publish(event, origin, onConfirmed)
    const traveller = this.#watch(event, origin.connection, onKept)
    const arrive = () => {
      this.#settle(traveller)
      onConfirmed()
    }
    publish(
      event,
      settledIfFenced(origin, () => this.#settle(traveller)),
      arrive,
    )
  }

  async start(): Promise<void> {}

  /** Writes what is on its way still; to be called when nothing is published or confirmed any more. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close()
    return this.#stopping
  }

  async #close(): Promise<void> {
    this.#timer?.clear()
    await endsWithin(this.#options.clock, STOP_MS, this.#keepLast())
  }

  async #keepLast(): Promise<void> {
    await this.#writing
    if (this.#waiting.size > 0) await this.#keep([...this.#waiting])
  }

  #watch(event: OutgoingEvent, connection: string, onKept: () => void): Traveller {
    const sinceMs = this.#options.clock.monotonicMs()
    const traveller: Traveller = { event, connection, sinceMs, onKept, entry: undefined }
    this.#waiting.add(traveller)
    if (!this.#timer && !this.#writing) this.#wait(PATIENCE_MS)
    return traveller
  }

  #settle(traveller: Traveller): void {
    this.#waiting.delete(traveller)
    traveller.entry?.settle()
  }

  #wait(ms: number): void {
    if (this.#stopping) return
    this.#timer = this.#options.clock.setTimer(ms, () => {
      this.#timer = undefined
      this.#look()
    })
  }

  /** The timer is set for as long as anything waits. */
  #look(): void {
    const [oldest] = this.#waiting
    if (!oldest) return
    const ageMs = this.#options.clock.monotonicMs() - oldest.sinceMs
    if (ageMs < PATIENCE_MS) return this.#wait(PATIENCE_MS - ageMs)
    this.#timer = this.#options.clock.setTimer(LAST_LOOK_MS, () => {
      this.#timer = undefined
      const due = this.#due()
      // Confirmed at the last moment: nothing is written.
      if (due.length === 0) return this.#look()
      this.#writing = this.#spill(due)
    })
  }

  async #spill(due: readonly Traveller[]): Promise<void> {
    const isKept = await this.#keep(due)
    // Before the next look: from here on whatever comes sets the timer by itself.
    this.#writing = undefined
    if (isKept) this.#look()
    else this.#wait(AGAIN_MS)
  }

  #due(): readonly Traveller[] {
    const nowMs = this.#options.clock.monotonicMs()
    const due: Traveller[] = []
    for (const traveller of this.#waiting) {
      if (nowMs - traveller.sinceMs < SPILL_MS) break
      due.push(traveller)
    }
    return due
  }

  /** Whether the journal took all of them. */
  async #keep(travellers: readonly Traveller[]): Promise<boolean> {
    try {
      const entries = await this.#options.journal.keepAll(travellers)
      for (const [index, entry] of entries.entries()) this.#kept(travellers[index], entry)
      return entries.length === travellers.length
    } catch {
      // The journal has told it.
      return false
    }
  }

  #kept(traveller: Traveller | undefined, entry: JournalEntry): void {
    // Confirmed while it was being written.
    if (!traveller || !this.#waiting.delete(traveller)) return entry.settle()
    traveller.entry = entry
    traveller.onKept()
  }
}

function settledIfFenced(origin: Origin, settle: () => void): Origin {
  const { lease } = origin
  if (!lease) return origin
  const onFenced = () => {
    settle()
    lease.onFenced()
  }
  return { ...origin, lease: { ...lease, onFenced } }
}
