/*
 * The journal: events on this machine's disk that Redis is too slow for and the platform never repeats.
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
import { type Log, messageOf, ProblemError, type Service } from '@holdfast/runtime'
import { adoptAll, JournalFile, type JournalPlace } from './journal-file.ts'
import { encodeRecord } from './journal-record.ts'
import { JournalReplay } from './journal-replay.ts'
import type { Journal, JournalEntry, Publish } from './ports.ts'

/** How much may be unsettled at one time. */
export interface JournalBound {
  readonly count: number
  readonly bytes: number
}

/** Some minutes of a busy workspace's buttons and commands. */
const DEFAULT_BOUND: JournalBound = { count: 10_000, bytes: 64 * 1024 * 1024 }

/** Where it is, and how much it takes. */
export interface DiskJournalOptions extends JournalPlace {
  /** Whether anything will be kept, as far as is known: then the start tells it if nothing can be. */
  readonly expected: boolean
  readonly log: Log
  readonly bound?: JournalBound
}

interface Waiting {
  readonly n: number
  readonly line: Buffer
  readonly resolve: (entry: JournalEntry) => void
  readonly reject: (error: unknown) => void
}

/**
 * A journal on disk. `start()` takes over what others left, `replay()` publishes it; `stop()` leaves on disk what is not
 * settled. None of them rejects: a gateway runs without a journal too, and then no interactive event is acknowledged
 * before Redis has it.
 *
 * @throws {ProblemError} from `keep`: `journal-full`, `journal-unwritable`, `journal-closed`.
 */
export class DiskJournal implements Journal, Service {
  readonly #options: DiskJournalOptions
  readonly #bound: JournalBound
  /** The lines of what is kept, or about to be. */
  readonly #unsettled = new Map<number, Buffer>()
  #unsettledBytes = 0
  #lastN = 0
  #waiting: Waiting[] = []
  #settled: number[] = []
  #writing: Promise<void> | undefined
  #file: JournalFile | undefined
  /** The last write failed: what the file holds is not sure. */
  #failing = false
  #replay: JournalReplay | undefined
  #stopped = false

  constructor(options: DiskJournalOptions) {
    this.#options = options
    this.#bound = options.bound ?? DEFAULT_BOUND
  }

  async start(): Promise<void> {
    const { expected, folder, log } = this.#options
    try {
      this.#replay = new JournalReplay(await adoptAll(this.#options), log)
      if (expected) await this.#renew()
    } catch (error) {
      this.#failing = true
      log.warn(
        { folder, error: messageOf(error) },
        'the journal can not be written: interactive events are acknowledged only once Redis has them; make the folder writable, or set gateway.journalDir',
      )
    }
  }

  /** Publishes what was taken over at the start. */
  replay(publish: Publish): void {
    this.#replay?.publish(publish)
  }

  keep(event: OutgoingEvent, connection: string): Promise<JournalEntry> {
    const n = this.#lastN + 1
    const line = encodeRecord({ kind: 'keep', n, connection, event })
    const refusal = this.#refusalOf(line)
    if (refusal) return Promise.reject(refusal)
    this.#lastN = n
    this.#hold(n, line)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ n, line, resolve, reject })
      this.#write()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#writing
    await this.#replay?.stop()
    if (this.#unsettled.size === 0) await this.#file?.remove()
    else await this.#file?.close()
    this.#file = undefined
  }

  #refusalOf(line: Buffer): ProblemError | undefined {
    if (this.#stopped) return new ProblemError('journal-closed', 'the journal is closed: the gateway stops')
    const isFull =
      this.#unsettled.size >= this.#bound.count || this.#unsettledBytes + line.length > this.#bound.bytes
    if (!isFull) return undefined
    const held = `${this.#unsettled.size} events, ${this.#unsettledBytes} bytes`
    return new ProblemError(
      'journal-full',
      `the journal is full (${held}): it takes more once Redis has confirmed some`,
    )
  }

  #hold(n: number, line: Buffer): void {
    this.#unsettled.set(n, line)
    this.#unsettledBytes += line.length
  }

  #letGo(n: number): boolean {
    const line = this.#unsettled.get(n)
    if (line === undefined) return false
    this.#unsettledBytes -= line.length
    return this.#unsettled.delete(n)
  }

  #settle(n: number): void {
    if (!this.#letGo(n) || this.#stopped) return
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
    while (this.#waiting.length > 0 || this.#settled.length > 0) {
      const batch = this.#waiting
      const settled = this.#settled
      this.#waiting = []
      this.#settled = []
      await this.#writeBatch(batch, settled)
    }
    // At once, so that what comes next begins the next round.
    this.#writing = undefined
  }

  async #writeBatch(batch: readonly Waiting[], settled: readonly number[]): Promise<void> {
    // Nothing is left to be written anew: the next event will tell whether it can be.
    if (this.#failing && this.#unsettled.size === 0) return
    try {
      await this.#commit(batch, settled)
      if (this.#failing) this.#options.log.info({}, 'the journal can be written again')
      this.#failing = false
      // Here responsibility passes: from now on the event outlives this process.
      for (const { n, resolve } of batch) resolve({ settle: () => this.#settle(n) })
    } catch (error) {
      this.#fail(batch, error)
    }
  }

  async #commit(batch: readonly Waiting[], settled: readonly number[]): Promise<void> {
    const file = this.#failing ? undefined : this.#file
    if (file && this.#unsettled.size === 0) return file.empty()
    const marks = settled.map((n) => encodeRecord({ kind: 'settle', n }))
    if (file && file.bytes <= 2 * this.#bound.bytes) {
      await file.append([...batch.map(({ line }) => line), ...marks])
      // That something is settled may be lost: then it is published once more, and known for what it is.
      if (batch.length === 0) return
      await file.sync()
      if (await file.isOurs()) return
    }
    await this.#renew()
  }

  /** A file with all that is unsettled takes the place of the one there was. */
  async #renew(): Promise<void> {
    const before = this.#file
    this.#file = await JournalFile.create(this.#options, [...this.#unsettled.values()])
    await before?.remove()
  }

  #fail(batch: readonly Waiting[], error: unknown): void {
    const { folder, log } = this.#options
    const message = `the journal in ${folder} can not be written: ${messageOf(error)}`
    if (!this.#failing) log.error({ folder }, `${message}; it is tried again with the next event`)
    this.#failing = true
    for (const { n, reject } of batch) {
      this.#letGo(n)
      reject(new ProblemError('journal-unwritable', message, { cause: error }))
    }
  }
}
