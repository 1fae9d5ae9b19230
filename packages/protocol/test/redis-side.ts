interface Delivered {
  readonly sessionId: string
  readonly sequence: number
}

/** Redis, as far as a shard can tell: what was handed to it, and what it has confirmed. */
export class RedisSide {
  readonly #delivered = new Map<string, Set<number>>()
  readonly #watermarks = new Map<string, number>()
  readonly #unconfirmed: Delivered[] = []

  take({ sessionId, sequence }: Delivered): void {
    const delivered = this.#delivered.get(sessionId) ?? new Set()
    this.#delivered.set(sessionId, delivered.add(sequence))
    this.#unconfirmed.push({ sessionId, sequence })
  }

  /** In the order of the queue. Of what is replayed the confirms come again: the watermark does not go back with them. */
  confirm(): Delivered | undefined {
    const first = this.#unconfirmed.shift()
    if (first)
      this.#watermarks.set(first.sessionId, Math.max(first.sequence, this.watermarkOf(first.sessionId)))
    return first
  }

  get hasUnconfirmed(): boolean {
    return this.#unconfirmed.length > 0
  }

  has(sessionId: string, sequence: number): boolean {
    return this.#delivered.get(sessionId)?.has(sequence) ?? false
  }

  /** How many different dispatches of a session it was given; of all sessions where none is named. */
  deliveredCount(sessionId?: string): number {
    if (sessionId !== undefined) return this.#delivered.get(sessionId)?.size ?? 0
    return [...this.#delivered.values()].reduce((count, { size }) => count + size, 0)
  }

  watermarkOf(sessionId: string): number {
    return this.#watermarks.get(sessionId) ?? 0
  }
}
