import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** A handler began to run for the event that the sender called `key`. */
export interface StartLine {
  readonly what: 'start'
  readonly key: string
  readonly pid: number
  /** Unix milliseconds, as in all lines; for reading only, order is that of the lines. */
  readonly at: number
  readonly delivery: string
}

/** Its handler is about to resolve. */
export interface EndLine {
  readonly what: 'end'
  readonly key: string
  readonly pid: number
  readonly at: number
}

/** A gap was announced: between these instants (Unix milliseconds), what this connection missed is not known. */
export interface GapLine {
  readonly what: 'gap'
  readonly connection: string
  readonly fromAt: number
  readonly toAt: number
  readonly pid: number
  readonly at: number
}

export type LedgerLine = StartLine | EndLine | GapLine

/**
 * What handlers did, written by themselves into one file outside of everything that is being checked. All workers append
 * to it: the order of its lines is the order in which things happened, over all processes, and a SIGKILL loses none.
 */
export class Ledger {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  /** On return the line is with the operating system, and whole: appends don't interleave. */
  write(line: LedgerLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }

  close(): void {
    closeSync(this.#file)
  }
}

const CHUNK_BYTES = 64 * 1024

/** Reads the ledger while it grows. */
export class LedgerReader {
  readonly #file: number
  readonly #lines: LedgerLine[] = []
  #rest = Buffer.alloc(0)
  #position = 0

  constructor(path: string) {
    this.#file = openSync(path, 'a+')
  }

  /** All lines there are by now, in order. */
  read(): readonly LedgerLine[] {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let count = this.#next(chunk); count > 0; count = this.#next(chunk)) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, count)])
      this.#takeWholeLines()
    }
    return this.#lines
  }

  /** Keys of the events that process `pid` has begun and not ended. */
  openOf(pid: number): ReadonlySet<string> {
    const open = new Set<string>()
    for (const line of this.read()) {
      if (line.pid !== pid || line.what === 'gap') continue
      if (line.what === 'start') open.add(line.key)
      else open.delete(line.key)
    }
    return open
  }

  close(): void {
    closeSync(this.#file)
  }

  #next(chunk: Buffer): number {
    const count = readSync(this.#file, chunk, 0, chunk.length, this.#position)
    this.#position += count
    return count
  }

  #takeWholeLines(): void {
    const end = this.#rest.lastIndexOf('\n')
    if (end === -1) return
    const lines = this.#rest.subarray(0, end).toString('utf8').split('\n')
    this.#rest = this.#rest.subarray(end + 1)
    this.#lines.push(...lines.map((line) => JSON.parse(line) as LedgerLine))
  }
}
