import { Progress } from './progress.ts'
import type { Unit } from './unit.ts'

/** The place of one event among all that came. */
export interface Place {
  /** It is confirmed, or comes to nothing. */
  readonly done: () => void
  /** The journal has it. */
  readonly kept: () => void
}

interface Settling {
  readonly sequence: number
  readonly resolve: () => void
}

/** How far the events of one bot over RTM have come. Slack does not number them: each gets its place by our own count of what came. */
export class RtmPlaces {
  readonly progress: Progress
  readonly #unit: Pick<Unit<never>, 'touch' | 'kept'>
  readonly #settling = new Set<Settling>()

  /** Nothing before `caughtUpAt` is missing (monotonic milliseconds). */
  constructor(caughtUpAt: number, unit: Pick<Unit<never>, 'touch' | 'kept'>) {
    this.progress = new Progress(0, caughtUpAt)
    this.#unit = unit
  }

  /** Nothing moves past the place before it is done. */
  next(): Place {
    const sequence = this.progress.receivedNext()
    return {
      done: () => {
        if (this.progress.confirm(sequence)) this.#moved()
      },
      kept: () => {
        if (this.progress.keep(sequence)) this.#unit.kept()
      },
    }
  }

  /** Everything that Slack sent before `sentMs` (monotonic) has its place. */
  caughtUp(sentMs: number): void {
    this.progress.probeAnswered(sentMs)
    this.#moved()
  }

  /** Resolves when all places that were taken until now are done. */
  settled(): Promise<void> {
    if (this.progress.settled) return Promise.resolve()
    return new Promise((resolve) => this.#settling.add({ sequence: this.progress.highest, resolve }))
  }

  #moved(): void {
    this.#unit.touch()
    for (const settling of this.#settling) {
      if (settling.sequence > this.progress.sequence) continue
      this.#settling.delete(settling)
      settling.resolve()
    }
  }
}
