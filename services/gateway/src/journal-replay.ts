import type { Log } from '@holdfast/runtime'
import type { AdoptedFile } from './journal-file.ts'
import type { Publish } from './ports.ts'

/** The files that a journal took over, until all that they hold is confirmed. */
export class JournalReplay {
  readonly #files: readonly AdoptedFile[]
  readonly #log: Log
  readonly #removing = new Set<Promise<void>>()

  constructor(files: readonly AdoptedFile[], log: Log) {
    this.#files = files
    this.#log = log
  }

  /** Publishes what they hold, in order; each file goes when all of it is confirmed. To be called once. */
  publish(publish: Publish): void {
    const log = this.#log
    const count = this.#files.reduce((sum, { unsettled }) => sum + unsettled.length, 0)
    const tornCount = this.#files.reduce((sum, file) => sum + file.tornCount, 0)
    if (tornCount > 0)
      log.warn(
        { tornCount },
        'records of the journal were cut off by a crash: they were never acknowledged, and are left out',
      )
    if (count > 0)
      log.info({ count }, 'events that another process has left in the journal are published again')
    for (const file of this.#files) this.#publishOne(file, publish)
  }

  /** Resolves when no file is on its way out any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#removing)
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
  }
}
