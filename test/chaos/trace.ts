import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * What a handler does, as it notes it itself: it began; a step's own code ran; a step's result was handed to the handler, so that
 * the step is finished; it is about to sleep or wait, and may be put away; what it slept or waited for is over; it ended.
 */
export interface DeedLine {
  readonly what: 'begin' | 'ran' | 'got' | 'pause' | 'woken' | 'end'
  /** The number of its event. Within a lane, events were confirmed in the order of their numbers. */
  readonly n: number
  readonly lane: number
  readonly pid: number
  /** Unix milliseconds, for reading: order is that of the lines. */
  readonly at: number
  /** Of a step. */
  readonly name?: string
  /** Of a begin. */
  readonly attempt?: number
}

/** A process was killed, a moment before this line was written and before anybody else can know. */
export interface KillLine {
  readonly what: 'kill'
  readonly pid: number
  readonly at: number
}

export type TraceLine = DeedLine | KillLine

const CHUNK_BYTES = 256 * 1_024

/**
 * What all handlers did, in one file outside of Redis: every process appends whole lines to it, so that their order is the order in
 * which things happened, over all processes, and a SIGKILL loses none.
 */
export class Trace {
  readonly file: string
  /** All that was read so far. */
  readonly lines: TraceLine[] = []
  readonly #descriptor: number
  readonly #open = new Map<number, Set<number>>()
  readonly #ended = new Set<number>()
  readonly #chunk = Buffer.alloc(CHUNK_BYTES)
  #rest = ''
  #position = 0

  constructor(file: string) {
    this.file = file
    this.#descriptor = openSync(file, 'a+')
  }

  /** How many events have ended, at least once. */
  get endedCount(): number {
    return this.#ended.size
  }

  /** Reads on, to the end. */
  read(): readonly TraceLine[] {
    for (;;) {
      const count = readSync(this.#descriptor, this.#chunk, 0, CHUNK_BYTES, this.#position)
      if (count === 0) return this.lines
      this.#position += count
      // Every line is plain ASCII: no character lies across two chunks.
      const texts = (this.#rest + this.#chunk.toString('latin1', 0, count)).split('\n')
      this.#rest = texts.pop() ?? ''
      for (const text of texts) this.#take(JSON.parse(text) as TraceLine)
    }
  }

  /** The numbers of the events in the middle of which a process is, as far as was read. */
  openOf(pid: number): ReadonlySet<number> {
    return this.#open.get(pid) ?? new Set()
  }

  /** To be called in the very moment after the signal was sent. */
  noteKill(pid: number): void {
    writeSync(
      this.#descriptor,
      `${JSON.stringify({ what: 'kill', pid, at: Date.now() } satisfies KillLine)}\n`,
    )
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #take(line: TraceLine): void {
    this.lines.push(line)
    if (line.what === 'kill') return void this.#open.delete(line.pid)
    const open = this.#open.get(line.pid) ?? new Set()
    this.#open.set(line.pid, open)
    if (line.what === 'begin' || line.what === 'woken') open.add(line.n)
    if (line.what === 'end' || line.what === 'pause') open.delete(line.n)
    if (line.what === 'end') this.#ended.add(line.n)
  }
}
