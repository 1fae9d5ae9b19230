import type { Clock } from '@holdfast/runtime'
import type { Room } from '../ports.ts'

/** What went by while nothing more could be held (monotonic milliseconds). */
export interface Spilt {
  /** When the first of it came. */
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface OverflowOptions {
  /** Default: there is always room. */
  readonly room: Room | undefined
  readonly clock: Clock
  /** The first of a time without room goes by. */
  readonly onBegin: () => void
  /** There is room again. Called once per time in which anything went by. */
  readonly onEnd: (spilt: Spilt) => void
}

/** Counts what a connection can't take because this process can hold no more, from the first on until there is room again. */
export class Overflow {
  readonly #options: OverflowOptions
  readonly #unwatch: () => void
  #from: number | undefined
  #count = 0

  constructor(options: OverflowOptions) {
    this.#options = options
    this.#unwatch = options.room?.watch((full) => full || this.#end()) ?? (() => {})
  }

  /** Nothing more can be held. */
  get full(): boolean {
    return this.#options.room?.full ?? false
  }

  /** When the first came of what went by and is not told yet (monotonic milliseconds). */
  get from(): number | undefined {
    return this.#from
  }

  /** One goes by that came at `ms` (monotonic). */
  spill(ms: number): void {
    this.#count += 1
    if (this.#from !== undefined) return
    this.#from = ms
    this.#options.onBegin()
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#unwatch()
  }

  #end(): void {
    const [from, count] = [this.#from, this.#count]
    this.#from = undefined
    this.#count = 0
    if (from !== undefined) this.#options.onEnd({ from, to: this.#options.clock.monotonicMs(), count })
  }
}
