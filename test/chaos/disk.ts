import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'processes/full-disk.mjs'))

/** A folder that can be as full as a disk for the processes that are started with `env`. */
export class Disk {
  readonly folder: string
  readonly #fullFile: string

  /** @param folder need not exist; its name with `.full` must be free */
  constructor(folder: string) {
    this.folder = folder
    this.#fullFile = `${folder}.full`
  }

  /** For whoever writes to it. */
  get env(): Readonly<Record<string, string>> {
    return {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      HOLDFAST_CHAOS_DISK: this.folder,
      HOLDFAST_CHAOS_DISK_FULL: this.#fullFile,
    }
  }

  /** On return nothing more can be written, by anybody. */
  fill(): void {
    writeFileSync(this.#fullFile, '')
  }

  free(): void {
    rmSync(this.#fullFile, { force: true })
  }
}
