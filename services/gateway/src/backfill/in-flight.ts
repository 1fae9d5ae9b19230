/** How many messages are on their way and not confirmed. One waits for it at a time. */
export class InFlight {
  readonly #signal: AbortSignal
  #count = 0
  #wake: () => void = () => {}

  /** The signal ends all waiting. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
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
    while (this.#count > count && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return !this.#signal.aborted
  }
}
