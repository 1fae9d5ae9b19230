import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock, Service, Timer } from '@holdfast/runtime'
import type { ConfigFile } from './config-file.ts'

/** Whoever writes a file does it in several steps: it is looked at when nothing has happened for so long. */
const SETTLE_MS = 250
/** What no event tells of (a file on a network, a link to elsewhere) is found by looking. */
const LOOK_EVERY_MS = 10_000

/** What is watched, and who is told. */
export interface ConfigWatchOptions {
  readonly file: Pick<ConfigFile, 'path' | 'hasChanged'>
  readonly onChange: () => void
  readonly clock: Clock
}

/**
 * Tells when the text of the configuration file has become another. Its folder is watched, not the file: editors replace
 * it by renaming, and Kubernetes by turning the link `..data` beside it. Where the folder can't be watched, looking every
 * ten seconds does it.
 */
export class ConfigWatch implements Service {
  readonly #options: ConfigWatchOptions
  #watcher: FSWatcher | undefined
  #settling: Timer | undefined
  #looking: Timer | undefined
  #stopped = false

  constructor(options: ConfigWatchOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    if (this.#looking || this.#stopped) return
    this.#watch()
    // It may have changed between the load and the first event that could tell.
    this.#lookSoon()
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#watcher?.close()
    this.#settling?.clear()
    this.#looking?.clear()
  }

  #watch(): void {
    const { path } = this.#options.file
    const own = basename(path)
    try {
      this.#watcher = watch(dirname(path), (_, name) => {
        if (name === null || name === own || name.startsWith('..')) this.#lookSoon()
      })
      // Its folder is gone, for one: from then on it is found by looking.
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // This machine has no more watches to give, for one: it is found by looking.
    }
  }

  #lookSoon(): void {
    if (this.#stopped) return
    this.#settling?.clear()
    this.#settling = this.#options.clock.setTimer(SETTLE_MS, () => {
      const { file, onChange } = this.#options
      if (file.hasChanged()) onChange()
    })
  }

  #lookLater(): void {
    this.#looking = this.#options.clock.setTimer(LOOK_EVERY_MS, () => {
      this.#lookLater()
      if (this.#options.file.hasChanged()) this.#lookSoon()
    })
  }
}
