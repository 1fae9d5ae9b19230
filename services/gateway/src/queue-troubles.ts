import type { Partition } from '@holdfast/queue'

/** What keeps events from the queues. `refused`: Redis answers and does not take them, in its own words. */
export interface QueueTrouble {
  readonly refused?: string
  /** Where; absent where it is at home, which is everywhere if nothing is partitioned. */
  readonly partitions?: readonly Partition[]
}

/** Which partitions do not take events now, and why. */
export class QueueTroubles {
  readonly #closed = new Set<Partition>()
  readonly #refusals = new Map<Partition, string>()

  window(state: 'open' | 'closed', partition: Partition): void {
    if (state === 'closed') this.#closed.add(partition)
    else this.#closed.delete(partition)
  }

  refused(why: string | undefined, partition: Partition): void {
    if (why === undefined) this.#refusals.delete(partition)
    else this.#refusals.set(partition, why)
  }

  get current(): QueueTrouble | undefined {
    const [refused] = this.#refusals.values()
    const all = new Set([...this.#refusals.keys(), ...this.#closed])
    if (all.size === 0) return undefined
    return {
      ...(refused === undefined ? {} : { refused }),
      ...(all.has('home') ? {} : { partitions: [...all] }),
    }
  }
}
