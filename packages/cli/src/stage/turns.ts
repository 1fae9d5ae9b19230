/** What one turn tells while it is under way: `2 s left`. */
export type Tell = (progress: string) => void

interface Turn {
  readonly name: string
  readonly label: string
  progress: string
}

/**
 * Lets one fault happen at a time: what was killed, rolled, restarted or paused stands again before the next. Each fault
 * happens or waits once at most, so there are never more than there are kinds. Nothing but faults waits for faults.
 */
export class Turns {
  readonly #signal: AbortSignal
  readonly #turns: Turn[] = []
  #last: Promise<void> = Promise.resolve()

  /** Once `signal` aborts, faults that wait for their turn are left out. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Something is being done, or waits to be. */
  get busy(): boolean {
    return this.#turns.length > 0
  }

  has(name: string): boolean {
    return this.#turns.some((turn) => turn.name === name)
  }

  /** By name, what each fault that has a turn does. */
  get progress(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#turns.map(({ name, progress }) => [name, progress]))
  }

  /** Resolves with the fault, when its turn is over; rejects as it does. The caller has asked `has` before. */
  take(name: string, label: string, fault: (tell: Tell) => Promise<void>): Promise<void> {
    const before = this.#turns.at(-1)
    const turn = { name, label, progress: before ? `waits until “${before.label}” is over` : 'begins' }
    this.#turns.push(turn)
    const done = this.#last.then(() => this.#perform(turn, fault))
    this.#last = done.catch(() => {}).then(() => void this.#turns.shift())
    return done
  }

  /** Resolves when no fault happens or waits any more. */
  over(): Promise<void> {
    return this.#last
  }

  async #perform(turn: Turn, fault: (tell: Tell) => Promise<void>): Promise<void> {
    if (this.#signal.aborted) return
    turn.progress = 'begins'
    await fault((progress) => {
      turn.progress = progress
    })
  }
}
