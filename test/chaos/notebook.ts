import { type DiaryLine, DiaryReader } from '@holdfast/ledger'
import { sleep, systemClock } from '@holdfast/runtime'

const LOOK_MS = 20
/** Longer than anything here may take. What has not happened by then does not. */
const PATIENCE_MS = 90_000

/** What the handlers of a stage noted, in order, and how to wait for it. */
export class Notebook {
  readonly lines: DiaryLine[] = []
  readonly file: string
  readonly #reader: DiaryReader

  constructor(file: string) {
    this.file = file
    this.#reader = new DiaryReader(file)
  }

  /** Keys of what a process has begun and not ended. */
  openOf(pid: number): ReadonlySet<string> {
    return this.#reader.openOf(pid)
  }

  /** Reads on; answers all that was noted so far. */
  read(): readonly DiaryLine[] {
    this.lines.push(...this.#reader.next())
    return this.lines
  }

  /** Resolves with the first answer of `look` that is something. Rejects where none comes. */
  async until<Found>(
    look: (lines: readonly DiaryLine[]) => Found | undefined | false,
    what = 'it',
  ): Promise<Found> {
    const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS
    for (;;) {
      const found = look(this.read())
      if (found !== undefined && found !== false) return found
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`${what} has not happened in ${PATIENCE_MS} ms`)
      await sleep(systemClock, LOOK_MS)
    }
  }

  /** Resolves when a handler has begun, or ended, for the event of this key. */
  async untilNoted(what: 'begin' | 'end', key: string): Promise<void> {
    await this.until(
      (lines) => lines.some((line) => line.what === what && line.key === key),
      `the ${what} of "${key}"`,
    )
  }

  close(): void {
    this.#reader.close()
  }
}
