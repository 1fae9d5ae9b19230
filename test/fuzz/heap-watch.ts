/** Frees what nobody holds, where Node was started with `--expose-gc`. */
const collect: (() => void) | undefined = globalThis.gc && (() => globalThis.gc?.())

/** Compiled code and caches settle within this share of a run. */
const WARM_UP_SHARE = 0.25

/** What remains in memory after each driver's life. Silent where the garbage can't be collected on demand. */
export class HeapWatch {
  readonly #frameCount: number
  #warmBytes: number | undefined
  #lastBytes = 0

  constructor(frameCount: number) {
    this.#frameCount = frameCount
  }

  static readonly possible = collect !== undefined

  look(frameCount: number): void {
    if (!collect) return
    collect()
    this.#lastBytes = process.memoryUsage().heapUsed
    if (frameCount >= this.#frameCount * WARM_UP_SHARE) this.#warmBytes ??= this.#lastBytes
  }

  /** The heap at the end over the heap once it was warm: 1 where nothing has grown. */
  get growth(): number {
    return this.#warmBytes === undefined ? 1 : this.#lastBytes / this.#warmBytes
  }
}
