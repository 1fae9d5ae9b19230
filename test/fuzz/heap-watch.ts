import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Compiled code and caches settle within this share of a run. */
const WARM_UP_SHARE = 0.25

/** What remains in memory after each driver's life. Collecting garbage takes its time, so it looks only where it is told to. */
export class HeapWatch {
  readonly #frameCount: number
  readonly #collect: () => void
  #warmBytes: number | undefined
  #lastBytes = 0

  constructor(frameCount: number) {
    this.#frameCount = frameCount
    // As `node --expose-gc`, which would have to be said to a process that somebody else starts.
    setFlagsFromString('--expose-gc')
    this.#collect = runInNewContext('gc')
  }

  look(frameCount: number): void {
    this.#collect()
    this.#lastBytes = process.memoryUsage().heapUsed
    if (frameCount >= this.#frameCount * WARM_UP_SHARE) this.#warmBytes ??= this.#lastBytes
  }

  /** The heap at the end over the heap once it was warm: 1 where nothing has grown. */
  get growth(): number {
    return this.#warmBytes === undefined ? 1 : this.#lastBytes / this.#warmBytes
  }
}
