import type { Clock, Log } from '@holdfast/runtime'
import type { AdoptedFile } from './journal-file.ts'
import type { Mark, Publish } from './ports.ts'

/** The files that a journal took over, until all that they hold is confirmed. */
export class JournalReplay {
  readonly #files: readonly AdoptedFile[]
  readonly #clock: Clock
  readonly #log: Log
  readonly #removing = new Set<Promise<void>>()
  /** The last word about each unit, of whoever held it last. */
  readonly marks: ReadonlyMap<string, Mark>
  /** Resolves when Redis has all that they hold. */
  readonly confirmed: Promise<void>
  #onConfirmed: () => void = () => {}
  #leftCount: number

  constructor(files: readonly AdoptedFile[], clock: Clock, log: Log) {
    this.#files = files
    this.#clock = clock
    this.#log = log
    this.marks = latestOf(files)
    this.#leftCount = files.length
    this.confirmed = new Promise((resolve) => {
      this.#onConfirmed = resolve
    })
    if (files.length === 0) this.#onConfirmed()
  }

  /** Publishes what they hold, in order; each file goes when all of it is confirmed. To be called once. */
  publish(publish: Publish): void {
    this.#tell()
    for (const file of this.#files) this.#publishOne(file, publish)
  }

  /** Resolves when no file is on its way out any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#removing)
  }

  #tell(): void {
    const log = this.#log
    const kept = this.#files.flatMap(({ unsettled }) => unsettled)
    const tornCount = this.#files.reduce((sum, file) => sum + file.tornCount, 0)
    const nowAt = this.#clock.wallAt()
    const oldCount = kept.filter(({ at = nowAt, event }) => nowAt - at > event.dedupeWindowMs).length
    if (tornCount > 0)
      log.warn(
        { tornCount },
        'records of the journal were cut off by a crash: they were never acknowledged, and are left out',
      )
    if (kept.length > 0)
      log.info(
        { count: kept.length },
        'events that another process has left in the journal are published again',
      )
    if (oldCount > 0)
      log.warn(
        { count: oldCount },
        'some of them are older than their dedupe window: those that were on the queue before are handled a second time',
      )
  }

  #publishOne(file: AdoptedFile, publish: Publish): void {
    let leftCount = file.unsettled.length
    if (leftCount === 0) return this.#remove(file)
    for (const { event, connection } of file.unsettled)
      publish(event, { connection }, () => {
        leftCount -= 1
        if (leftCount === 0) this.#remove(file)
      })
  }

  #remove(file: AdoptedFile): void {
    const removed = file.remove().finally(() => this.#removing.delete(removed))
    this.#removing.add(removed)
    this.#leftCount -= 1
    if (this.#leftCount === 0) this.#onConfirmed()
  }
}

function latestOf(files: readonly AdoptedFile[]): ReadonlyMap<string, Mark> {
  const latest = new Map<string, Mark>()
  for (const { marks } of files)
    for (const [unit, mark] of marks)
      if (mark.fence >= (latest.get(unit)?.fence ?? mark.fence)) latest.set(unit, mark)
  return latest
}
