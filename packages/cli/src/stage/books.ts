import {
  answerOf,
  type Backlog,
  type BotIdentities,
  type DiaryReader,
  type GapLine,
  isCutOff,
  Ledger,
  Quiet,
  sentEvent,
  turnOf,
} from '@holdfast/ledger'
import type { Entry, Ledger as PageLedger, SimulatorRecord } from '@holdfast/simulator'

/** Events in announced gaps are remembered this long, and only counted after. */
const GAPS_KEPT_MS = 10 * 60_000

export interface BooksOptions {
  readonly record: Pick<SimulatorRecord, 'listen'>
  readonly diary: Pick<DiaryReader, 'next'>
  readonly bots: BotIdentities
  /** Told of each gap once, however many workers were told of it. */
  readonly onGap: (gap: GapLine) => void
}

/** Keeps the live ledger: from the platforms' record as it is written, and from the handlers' diary. */
export class Books {
  readonly #options: BooksOptions
  readonly #ledger = new Ledger()
  readonly #quiet = new Quiet()
  readonly #close: () => void

  constructor(options: BooksOptions) {
    this.#options = options
    this.#close = options.record.listen((entry) => this.#note(entry))
  }

  /** A process was killed (Unix milliseconds). */
  killed(pid: number, at: number): void {
    this.#ledger.killed(pid, at)
  }

  /** Takes in what was noted since, and gives up what no longer can come, by how things stand now. */
  update(backlog: Backlog): void {
    this.#readDiary()
    this.#quiet.observe(backlog)
    this.#ledger.giveUp((sinceAt) => this.#quiet.isOver(sinceAt))
    this.#ledger.fold(backlog.at - GAPS_KEPT_MS)
  }

  /** As the page shows it, at an instant (Unix milliseconds). */
  page(at: number): PageLedger {
    const { answeredAgain, completedTwice: _, oldestWaitingAt, unfilled, ...counts } = this.#ledger.counts
    const oldestWaitingMs = oldestWaitingAt === undefined ? 0 : Math.max(0, at - oldestWaitingAt)
    const notRecoverable = counts.notRecoverable + unfilled
    return { ...counts, notRecoverable, repeated: answeredAgain, oldestWaitingMs }
  }

  /** What is wrong, by name. */
  get findings(): readonly string[] {
    return this.#ledger.findings
  }

  /** From said to answered: the longest since the last call, or the age of the oldest that waits if that is more (ms). */
  takeDelayMs(at: number): number {
    return Math.max(this.#ledger.takeLongestAnswerMs(), this.page(at).oldestWaitingMs)
  }

  close(): void {
    this.#close()
  }

  #note(entry: Entry): void {
    if (entry.kind === 'event') {
      const event = sentEvent(entry, this.#options.bots)
      if (event) this.#ledger.sent(event)
    } else if (entry.kind === 'post') this.#answer(entry)
    else this.#loosen(entry)
  }

  /** What was on its way, or kept, may be lost without being anybody's fault. */
  #loosen(entry: Entry): void {
    const { connection } = this.#options.bots[entry.platform]
    if (entry.kind === 'socket' && isCutOff(entry)) this.#ledger.cutOff(connection, entry.at)
    const turn = turnOf(entry)
    if (turn) this.#ledger.turned(connection, turn)
  }

  #answer(entry: Extract<Entry, { kind: 'post' }>): void {
    const answer = answerOf(entry)
    if (!answer) return
    // Whoever answers has noted before that it begins, which tells same texts apart.
    this.#readDiary()
    if (answer.to === 'event') this.#ledger.answered(answer.key, entry.at)
    else this.#ledger.answeredQuote(answer.quote, entry.at)
  }

  #readDiary(): void {
    for (const line of this.#options.diary.next()) {
      if (line.what === 'gap' && !this.#ledger.knows(line)) this.#options.onGap(line)
      this.#ledger.noted(line)
    }
  }
}
