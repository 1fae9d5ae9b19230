/** How a pass ends: called once it has been used, exactly once. `closed`: there was none. */
export type Pass = (() => void) | 'closed'

/**
 * Lets many jobs run side by side, or one alone. Who asks to be alone waits for those inside to end and keeps new ones
 * out meanwhile; several who ask take turns. What kills a process kills all that it runs, so all sources of one share a gate, each
 * with an entrance of its own.
 */
export class Gate {
  #inside = 0
  #alone = false
  #waiting: { alone: boolean; at: Entrance; enter: (pass: Pass) => void }[] = []

  /** Whether who asks now need not wait. */
  isOpen(alone: boolean): boolean {
    return this.#waiting.length === 0 && !this.#alone && !(alone && this.#inside > 0)
  }

  enter(alone: boolean, at: Entrance): Promise<Pass> {
    return new Promise((enter) => {
      this.#waiting.push({ alone, at, enter })
      this.#admit()
    })
  }

  /** Sends those away who wait at an entrance. */
  turnAway(at: Entrance): void {
    const away = this.#waiting.filter((each) => each.at === at)
    this.#waiting = this.#waiting.filter((each) => each.at !== at)
    for (const { enter } of away) enter('closed')
    this.#admit()
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

/** One source's way to a gate. Once closed, nobody gets in by it, nor those who wait there already; others' stay open. */
export class Entrance {
  readonly #gate: Gate
  #closed = false

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /** Resolves with the way out, once inside. */
  async enter(alone: boolean): Promise<Pass> {
    return this.#closed ? 'closed' : this.#gate.enter(alone, this)
  }

  /** Whether who asks now need not wait. */
  isOpen(alone: boolean): boolean {
    return this.#gate.isOpen(alone)
  }

  close(): void {
    this.#closed = true
    this.#gate.turnAway(this)
  }
}
