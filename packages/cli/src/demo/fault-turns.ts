/** What turns need of the demo around them. */
export interface FaultTurnsOptions {
  readonly print: (line: string) => void
  /** Told when a fault fails. */
  readonly onFailure: (error: unknown) => void
  /** Once it aborts, faults that wait for their turn are left out. */
  readonly signal: AbortSignal
}

/**
 * Lets one fault happen at a time: what was killed, rolled or restarted stands again before the next. A fault that has to
 * wait is told so. Nothing else waits for faults.
 */
export class FaultTurns {
  readonly #options: FaultTurnsOptions
  #turns: Promise<void> = Promise.resolve()
  /** Names of those that happen or wait, in order. */
  readonly #names: string[] = []

  constructor(options: FaultTurnsOptions) {
    this.#options = options
  }

  take(name: string, fault: () => Promise<void>): void {
    const { print, onFailure } = this.#options
    const before = this.#names.at(-1)
    if (before !== undefined) print(`${name} waits until ${before} is over`)
    this.#names.push(name)
    this.#turns = this.#turns
      .then(() => this.#perform(fault))
      .catch(onFailure)
      .then(() => void this.#names.shift())
  }

  /** Resolves when no fault happens or waits any more. */
  over(): Promise<void> {
    return this.#turns
  }

  async #perform(fault: () => Promise<void>): Promise<void> {
    if (!this.#options.signal.aborted) await fault()
  }
}
