/*
 * The journal: events on this machine's disk that Redis is too slow for, and how far each unit is while Redis is away.
 *
 * Each process appends to a file of its own. What is kept at one time is written together and costs one fsync; a record is
 * a line with its length and checksum, so that one which a crash cut off is known for what it is. A second line settles
 * the first; when all are settled the file is emptied, and when it is long with little in it, it is written anew.
 *
 * At its start a process takes over whatever lies in the folder, by renaming it, and publishes what is not settled. It does
 * not ask whether the writer is dead: no process can know that of another container's. A writer that lives finds
 * out, since it looks after each fsync whether its file still has its name; if not, it writes what it holds into a new one
 * before it says that anything is kept. So nothing is lost between the two, and what both publish is the same event to
 * the deduplication. The disk must be one that keeps what it has synced, and that those who share the folder see alike.
 */
import type { OutgoingEvent } from '@holdfast/events'
import {
  type Clock,
  endsWithin,
  type Log,
  messageOf,
  ProblemError,
  type Service,
  systemClock,
  type Timer,
} from '@holdfast/runtime'
import { adoptAll, JournalFile, type JournalPlace } from './journal-file.ts'
import { type JournalBound, JournalHoldings, type JournalSpace, type Offered } from './journal-holdings.ts'
import { encodeRecord, type JournalRecord, type KeptEvent } from './journal-record.ts'
import { JournalReplay } from './journal-replay.ts'
import type { Journal, JournalEntry, Mark, Publish } from './ports.ts'

/** Some minutes of a busy workspace's buttons and commands. */
const INTERACTIVE_BOUND: JournalBound = { count: 10_000, bytes: 64 * 1024 * 1024 }
const FLOOR_BYTES = 8 * 1024 * 1024
/** How often a disk that fails is tried while nothing new comes. */
const RETRY_MS = 5_000
/** A disk that hangs must not hold up a stop for longer. */
const STOP_MS = 5_000

/** Where it is, and how much it takes. */
export interface DiskJournalOptions extends JournalPlace {
  /** Whether anything will be kept, as far as is known: then the start tells it if nothing can be. */
  readonly expected: boolean
  readonly clock?: Clock
  readonly log: Log
  /** Of what streams in. Default: that of `interactive`. */
  readonly bound?: JournalBound
  /** Of what a person waits for. Default: 10,000 events, 64 MiB. */
  readonly interactive?: JournalBound
  /** A file that is shorter is never written anew. Default 8 MiB. */
  readonly floorBytes?: number
}

/** How it is with the journal, as metrics and readiness show it. */
export interface JournalStanding {
  /** Events that are kept, and the bytes of their texts. */
  readonly count: number
  readonly bytes: number
  /** Why nothing can be kept at present; nothing where it can. */
  readonly failing?: string
}

interface Waiting {
  readonly kept: readonly KeptEvent[]
  readonly resolve: (entries: readonly JournalEntry[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * A journal on disk. `start()` takes over what others left, `replay()` publishes it; `stop()` leaves on disk what is not
 * settled. None of them rejects: a gateway runs without a journal too, and then events wait in memory alone and no interactive
 * one is acknowledged before Redis has it. A disk that failed is tried again until it takes something.
 *
 * @throws {ProblemError} from `keep`, `keepAll`: `journal-full`, `journal-unwritable`, `journal-closed`.
 */
export class DiskJournal implements Journal, Service {
  readonly #options: DiskJournalOptions
  readonly #clock: Clock
  readonly #holdings: JournalHoldings
  readonly #floorBytes: number
  #waiting: Waiting[] = []
  /** What needs no fsync: losing it costs a duplicate, or a longer gap. */
  #settled: number[] = []
  #marked = new Set<string>()
  #writing: Promise<void> | undefined
  #file: JournalFile | undefined
  /** Why the last write failed: what the file holds is not sure. */
  #failing: string | undefined
  #retry: Timer | undefined
  #retryDue = false
  #replay: JournalReplay | undefined
  #stopping: Promise<void> | undefined

  constructor(options: DiskJournalOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const interactive = options.interactive ?? INTERACTIVE_BOUND
    const stream = options.bound ?? interactive
    this.#holdings = new JournalHoldings({ interactive, stream })
    this.#floorBytes = options.floorBytes ?? FLOOR_BYTES
  }

  async start(): Promise<void> {
    const { expected, folder, log } = this.#options
    try {
      this.#replay = new JournalReplay(await adoptAll(this.#options), this.#clock, log)
      if (expected) await this.#renew()
    } catch (error) {
      this.#failing = messageOf(error)
      this.#retryLater()
      log.warn(
        { folder, error: this.#failing },
        'the journal can not be written: what Redis has not confirmed is in memory alone, and interactive events are acknowledged only once Redis has them; make the folder writable, or set gateway.journalDir',
      )
    }
  }

  /** Publishes what was taken over at the start. */
  replay(publish: Publish): void {
    this.#replay?.publish(publish)
  }

  /** What a person waits for: it has room that nothing else takes. */
  async keep(event: OutgoingEvent, connection: string): Promise<JournalEntry> {
    const [entry] = await this.#keep('interactive', [{ event, connection }])
    return entry ?? { settle: () => {} }
  }

  /** Keeps as many of them as there is room for, the first ones, with one fsync. Resolves to their entries, in order. */
  keepAll(offered: readonly Offered[]): Promise<readonly JournalEntry[]> {
    return this.#keep('stream', offered)
  }

  mark(unit: string, mark: Mark | undefined): void {
    if (this.#stopping) return
    this.#holdings.mark(unit, mark)
    this.#marked.add(unit)
    this.#write()
  }

  marked(unit: string): Mark | undefined {
    return this.#replay?.marks.get(unit)
  }

  replayed(): Promise<void> {
    return this.#replay?.confirmed ?? Promise.resolve()
  }

  get standing(): JournalStanding {
    return { ...this.#holdings.unsettled, ...(this.#failing !== undefined && { failing: this.#failing }) }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close()
    return this.#stopping
  }

  async #close(): Promise<void> {
    this.#retry?.clear()
    if (this.#writing) await endsWithin(this.#clock, STOP_MS, this.#writing)
    await this.#replay?.stop()
    if (this.#holdings.isEmpty) await this.#file?.remove()
    else await this.#file?.close()
    this.#file = undefined
  }

  #keep(space: JournalSpace, offered: readonly Offered[]): Promise<readonly JournalEntry[]> {
    if (this.#stopping)
      return Promise.reject(new ProblemError('journal-closed', 'the journal is closed: the gateway stops'))
    const kept = this.#holdings.take(space, offered, this.#clock.wallAt())
    if (kept.length === 0 && offered.length > 0) return Promise.reject(this.#full(space))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kept, resolve, reject })
      this.#write()
    })
  }

  #full(space: JournalSpace): ProblemError {
    const { count, bytes } = this.#holdings.usedOf(space)
    return new ProblemError(
      'journal-full',
      `the journal is full (${count} events, ${bytes} bytes): it takes more once Redis has confirmed some`,
    )
  }

  #settle(n: number): void {
    if (!this.#holdings.letGo(n) || this.#stopping) return
    this.#settled.push(n)
    this.#write()
  }

  /** One write at a time; whatever comes meanwhile goes into the next. */
  #write(): void {
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    // What is kept and settled in this turn of the event loop comes with it.
    await Promise.resolve()
    while (this.#waiting.length > 0 || this.#settled.length > 0 || this.#marked.size > 0 || this.#retryDue) {
      const batch = this.#waiting
      const notes = this.#notes()
      this.#waiting = []
      this.#settled = []
      this.#marked = new Set()
      this.#retryDue = false
      await this.#writeBatch(batch, notes)
    }
    // At once, so that what comes next begins the next round.
    this.#writing = undefined
  }

  #notes(): readonly JournalRecord[] {
    const marks = [...this.#marked].map((unit) => ({ unit, mark: this.#holdings.markOf(unit) }))
    return [
      ...this.#settled.map((n) => ({ kind: 'settle', n }) as const),
      ...marks.map((mark) => ({ kind: 'mark', ...mark }) as const),
    ]
  }

  async #writeBatch(batch: readonly Waiting[], notes: readonly JournalRecord[]): Promise<void> {
    // A disk that fails is tried again for an event, or when its time has come, and not for each that is settled.
    if (this.#failing !== undefined && batch.length === 0 && this.#retry) return
    try {
      await this.#commit(batch, notes)
      if (this.#failing !== undefined) this.#options.log.info({}, 'the journal can be written again')
      this.#failing = undefined
      this.#retry?.clear()
      this.#retry = undefined
      // Here responsibility passes: from now on the events outlive this process.
      for (const { kept, resolve } of batch) resolve(kept.map(({ n }) => ({ settle: () => this.#settle(n) })))
    } catch (error) {
      this.#fail(batch, error)
    }
  }

  async #commit(batch: readonly Waiting[], notes: readonly JournalRecord[]): Promise<void> {
    const file = this.#failing === undefined ? this.#file : undefined
    if (file && this.#holdings.isEmpty) return file.empty()
    if (file && !file.isLong(this.#floorBytes)) {
      await file.append(linesOf(batch, notes))
      if (batch.length === 0) return
      await file.sync()
      if (await file.isOurs()) return
    }
    await this.#renew()
  }

  /** A file with all that is unsettled takes the place of the one there was. */
  async #renew(): Promise<void> {
    const before = this.#file
    this.#file = await JournalFile.create(this.#options, this.#holdings.lines())
    await before?.remove()
  }

  #fail(batch: readonly Waiting[], error: unknown): void {
    const { folder, log } = this.#options
    const message = `the journal in ${folder} can not be written: ${messageOf(error)}`
    if (this.#failing === undefined)
      log.error({ folder }, `${message}; events wait in memory alone until it can, it is tried again`)
    this.#failing = messageOf(error)
    this.#retryLater()
    for (const { kept, reject } of batch) {
      for (const { n } of kept) this.#holdings.letGo(n)
      reject(new ProblemError('journal-unwritable', message, { cause: error }))
    }
  }

  #retryLater(): void {
    if (this.#stopping) return
    this.#retry ??= this.#clock.setTimer(RETRY_MS, () => {
      this.#retry = undefined
      this.#retryDue = true
      this.#write()
    })
  }
}

function* linesOf(batch: readonly Waiting[], notes: readonly JournalRecord[]): Generator<Buffer> {
  for (const { kept } of batch) for (const each of kept) yield encodeRecord({ kind: 'keep', ...each })
  for (const note of notes) yield encodeRecord(note)
}
