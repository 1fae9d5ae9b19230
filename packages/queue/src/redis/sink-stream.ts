import type { Confirmation, SinkItem } from '../ports.ts'
import { BATCH_COUNT, type Entry, nextBatch } from './batch.ts'

/** Everything unconfirmed, in order; the first so many of it are on their way. */
export class SinkStream {
  readonly #sinkId: string
  #entries: Entry[] = []
  #sentCount = 0
  #bytes = 0
  #tokens = 0
  #againCount = 0

  constructor(sinkId: string) {
    this.#sinkId = sinkId
  }

  /** What callers wait for: without what was confirmed before. */
  get unconfirmed(): { readonly count: number; readonly bytes: number } {
    return { count: this.#entries.length - this.#againCount, bytes: this.#bytes }
  }

  /** How many there are, whoever waits for them. */
  get count(): number {
    return this.#entries.length
  }

  /** Whether there is something to send: anything, or a whole batch. */
  has(what: 'anything' | 'batch'): boolean {
    const pendingCount = this.#entries.length - this.#sentCount
    return what === 'anything' ? pendingCount > 0 : pendingCount >= BATCH_COUNT
  }

  add(item: SinkItem): Promise<Confirmation> {
    return new Promise((resolve, reject) => {
      const bytes = Buffer.byteLength(item.event.text)
      const token = `${this.#sinkId}:${this.#tokens++}`
      this.#entries.push({ item, token, bytes, state: 'new', caller: { resolve, reject } })
      this.#bytes += bytes
    })
  }

  /** Puts what was confirmed before in front of all that is not: it is to be confirmed again. */
  putBefore(again: readonly Entry[]): void {
    this.#entries = [...again, ...this.#entries]
    this.#againCount += again.length
  }

  takeBatch(): readonly Entry[] {
    const batch = nextBatch(this.#entries, this.#sentCount)
    this.#sentCount += batch.length
    for (const entry of batch) if (entry.state === 'new') entry.state = 'sent'
    return batch
  }

  /** Nothing is on its way any more: all is to be sent, from the first. */
  rewind(): void {
    this.#sentCount = 0
  }

  /** The Redis that it was sent to is gone: what that one had of it, nobody can tell. */
  loseSight(): void {
    for (const entry of this.#entries) if (entry.state === 'sent') entry.state = 'again'
  }

  /** The oldest batch is confirmed. Replies come in the order of the batches. */
  drop(batch: readonly Entry[]): void {
    this.#entries.splice(0, batch.length)
    this.#sentCount -= batch.length
    for (const entry of batch) {
      if (entry.caller) this.#bytes -= entry.bytes
      else this.#againCount -= 1
    }
  }

  /** Everything, which is nobody's after this. */
  takeAll(): readonly Entry[] {
    const entries = this.#entries
    this.#entries = []
    this.#sentCount = 0
    this.#bytes = 0
    this.#againCount = 0
    return entries
  }
}
