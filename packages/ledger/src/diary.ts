import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** A handler began to run for the event that the sender called `key`. */
export interface BeginLine {
  readonly what: 'begin'
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

/** A remembered part of its handler ran. */
export interface StepLine {
  readonly what: 'step'
  readonly key: string
  readonly name: string
  readonly pid: number
  readonly at: number
}

/** A gap was announced: between these instants (Unix milliseconds), what this connection missed is not known. */
export interface GapLine {
  readonly what: 'gap'
  readonly connection: string
  readonly fromAt: number
  readonly toAt: number
  /** What history has of it is to be filled in. Default: nothing is. */
  readonly fills?: boolean
  readonly pid: number
  readonly at: number
}

export type DiaryLine = BeginLine | EndLine | StepLine | GapLine

/**
 * What handlers did, written by themselves into one file outside of everything that is being checked. All workers append
 * to it: the order of its lines is the order in which things happened, over all processes, and a SIGKILL loses none.
 */
export class Diary {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  /** On return the line is with the operating system, and whole: appends don't interleave. */
  write(line: DiaryLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }

  close(): void {
    closeSync(this.#file)
  }
}

const CHUNK_BYTES = 64 * 1024

/** Reads the diary while it grows. Keeps what was not asked for yet, and what each process is in the middle of. */
export class DiaryReader {
  readonly #file: number
  readonly #open = new Map<number, Set<string>>()
  #unread: DiaryLine[] = []
  #rest = Buffer.alloc(0)
  #position = 0

  constructor(path: string) {
    this.#file = openSync(path, 'a+')
  }

  /** The lines written since the last call, in order. */
  next(): readonly DiaryLine[] {
    this.#read()
    const lines = this.#unread
    this.#unread = []
    return lines
  }

  /** Keys of the events that process `pid` has begun and not ended. */
  openOf(pid: number): ReadonlySet<string> {
    this.#read()
    return new Set(this.#open.get(pid))
  }

  close(): void {
    closeSync(this.#file)
  }

  #read(): void {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let count = this.#fill(chunk); count > 0; count = this.#fill(chunk)) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, count)])
      this.#takeWholeLines()
    }
  }

  #fill(chunk: Buffer): number {
    const count = readSync(this.#file, chunk, 0, chunk.length, this.#position)
    this.#position += count
    return count
  }

  #takeWholeLines(): void {
    const end = this.#rest.lastIndexOf('\n')
    if (end === -1) return
    const lines = this.#rest.subarray(0, end).toString('utf8').split('\n')
    this.#rest = this.#rest.subarray(end + 1)
    for (const line of lines) this.#take(JSON.parse(line) as DiaryLine)
  }

  #take(line: DiaryLine): void {
    this.#unread.push(line)
    if (line.what === 'gap' || line.what === 'step') return
    const open = this.#open.get(line.pid) ?? new Set()
    if (line.what === 'begin') open.add(line.key)
    else open.delete(line.key)
    this.#open.set(line.pid, open)
  }
}
