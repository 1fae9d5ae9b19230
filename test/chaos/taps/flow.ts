import type { Socket } from 'node:net'
import type { Verdict } from './point.ts'
import type { Way } from './way.ts'

/** One direction of a connection: what is given to it arrives in order, each after what a test does before it. */
export class Flow {
  readonly #to: Socket
  readonly #way: Way
  readonly #cut: () => void
  readonly #waiting: Step[] = []
  #busy = false
  #withheld = false

  /** @param cut ends the connection on both sides. */
  constructor(to: Socket, way: Way, cut: () => void) {
    this.#to = to
    this.#way = way
    this.#cut = cut
  }

  /** Passes the bytes on, unless `decide` says otherwise. `onPassed` is called once they are written. */
  pass(bytes: Buffer, decide?: () => Promise<Verdict>, onPassed?: () => void): void {
    this.#waiting.push({ bytes, arrival: this.#way.arrival(), decide, onPassed })
    if (!this.#busy) void this.#run()
  }

  /** From now on nothing arrives. */
  withhold(): void {
    this.#withheld = true
  }

  async #run(): Promise<void> {
    this.#busy = true
    for (let step = this.#waiting.shift(); step; step = this.#waiting.shift()) {
      if (step.arrival) await step.arrival
      const verdict = step.decide ? await step.decide() : 'on'
      if (verdict === 'withhold') this.withhold()
      if (verdict === 'cut') this.#cut()
      if (verdict === 'on') this.#write(step)
    }
    this.#busy = false
  }

  #write({ bytes, onPassed }: Step): void {
    if (this.#withheld || this.#to.destroyed) return
    this.#to.write(bytes)
    onPassed?.()
  }
}

interface Step {
  readonly bytes: Buffer
  readonly arrival: Promise<void> | undefined
  readonly decide: (() => Promise<Verdict>) | undefined
  readonly onPassed: (() => void) | undefined
}
