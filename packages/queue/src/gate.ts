/** How a pass ends: called once it has been used, exactly once. `closed`: there was none. */
export type Pass = (() => void) | 'closed'

/**
 * Lets many jobs run side by side, or one alone. Who asks to be alone waits for those inside to end and keeps new ones
 * out meanwhile; several who ask take turns. Once closed, nobody gets in, nor those who wait already.
 */
export class Gate {
  #inside = 0
  #alone = false
  #closed = false
  readonly #waiting: { alone: boolean; enter: (pass: Pass) => void }[] = []

  /** Resolves with the way out, once inside. */
  enter(alone: boolean): Promise<Pass> {
    if (this.#closed) return Promise.resolve('closed')
    return new Promise((enter) => {
      this.#waiting.push({ alone, enter })
      this.#admit()
    })
  }

  /** Whether who asks now need not wait. */
  isOpen(alone: boolean): boolean {
    return this.#waiting.length === 0 && !this.#alone && !(alone && this.#inside > 0)
  }

  close(): void {
    this.#closed = true
    for (const { enter } of this.#waiting.splice(0)) enter('closed')
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
      next.enter(this.#wayOut())
    }
  }
}
