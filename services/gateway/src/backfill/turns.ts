/** Whose turn it is, key by key: first come, first served, one at a time. So what one bot is asked for many gaps is shared out evenly. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Does the work when everything that came before under this key has ended. Settles as the work does. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work)
    const ended: Promise<void> = mine
      .then(
        () => {},
        () => {}, // Whoever asked hears of it.
      )
      .then(() => {
        if (this.#last.get(key) === ended) this.#last.delete(key)
      })
    this.#last.set(key, ended)
    return mine
  }

  /** Under how many keys somebody has or waits for a turn. */
  get busyCount(): number {
    return this.#last.size
  }
}
