import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sleep, systemClock } from '@holdfast/runtime'

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'processes/shifted-clock.mjs'))
const LOOK_MS = 10
const PATIENCE_MS = 10_000

/** The wall clock of the processes that are started with `env`. */
export class WallClock {
  readonly #file: string

  /** @param file where to write how far it is off; need not exist */
  constructor(file: string) {
    this.#file = file
    this.#write(0)
  }

  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${PRELOAD}`, HOLDFAST_CHAOS_CLOCK: this.#file }
  }

  /** Sets it so far ahead of what it would be, or behind; resolves when it counts in each of these processes. */
  async shift(ms: number, pids: readonly number[]): Promise<void> {
    this.#write(ms)
    const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS
    while (pids.some((pid) => this.#seenBy(pid) !== ms)) {
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`the clock of ${pids.filter((pid) => this.#seenBy(pid) !== ms)} does not jump`)
      await sleep(systemClock, LOOK_MS)
    }
  }

  /** Never half of it. */
  #write(ms: number): void {
    writeFileSync(`${this.#file}.next`, String(ms))
    renameSync(`${this.#file}.next`, this.#file)
  }

  #seenBy(pid: number): number | undefined {
    try {
      return Number(readFileSync(`${this.#file}.${pid}`, 'utf8'))
    } catch {
      return undefined
    }
  }
}
