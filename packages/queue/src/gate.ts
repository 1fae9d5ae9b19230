/**
 * Lets many jobs run side by side, or one alone. Who asks to be alone waits for those inside to end and keeps new ones
 * out meanwhile; several who ask take turns. Each pass must be given back exactly once.
 */
export class Gate {
  #inside = 0
  #alone = false
  readonly #waiting: { alone: boolean; enter: () => void }[] = []

  /** Resolves with the way out, once inside. */
  enter(alone: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      this.#waiting.push({ alone, enter: () => resolve(this.#wayOut()) })
      this.#admit()
    })
  }

  #wayOut(): () => void {
    let left = false
    return () => {
      if (left) return
      left = true
      this.#inside--
      this.#alone = false
      this.#admit()
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#alone || (next.alone && this.#inside > 0)) return
      this.#waiting.shift()
      this.#inside++
      this.#alone = next.alone
      next.enter()
    }
  }
}
