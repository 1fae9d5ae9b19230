import { unlessAborted } from '../waiting.ts'

/** How many messages are on their way and not confirmed. One waits for it at a time. */
export class InFlight {
  readonly #signal: AbortSignal
  #count = 0
  #wake: () => void = () => {}

  /** The signal ends all waiting. It may outlive this by far: nothing is left with it. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** One more is on its way. Returns what to call once it is confirmed. */
  begin(): () => void {
    this.#count += 1
    return () => {
      this.#count -= 1
      this.#wake()
    }
  }

  /** Resolves to true when no more than `count` are on their way, to false when the signal has aborted. */
  async atMost(count: number): Promise<boolean> {
    while (this.#count > count && !this.#signal.aborted) await unlessAborted(this.#signal, this.#change())
    return !this.#signal.aborted
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
