import { type Clock, endsWithin } from '@holdfast/runtime'

/** A slower answer counts as none. */
const PATIENCE_MS = 250

/**
 * Asks something that may not answer, at most one question at a time: what is slow never piles up, and never holds up
 * whoever reads the gauge.
 */
export class Gauge<Reading> {
  readonly #ask: () => Promise<Reading>
  readonly #clock: Clock
  #asking = false

  constructor(ask: () => Promise<Reading>, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** What it reads now; undefined where no answer came in time, or an earlier question still waits for its own. */
  async read(): Promise<Reading | undefined> {
    if (this.#asking) return undefined
    this.#asking = true
    let reading: Reading | undefined
    const answer = this.#ask()
      .then(
        (value) => {
          reading = value
        },
        () => {},
      )
      .finally(() => {
        this.#asking = false
      })
    const inTime = await endsWithin(this.#clock, PATIENCE_MS, answer)
    return inTime ? reading : undefined
  }
}
