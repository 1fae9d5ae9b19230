/** Numbers that a seed repeats: the same seed gives the same run, on every machine. Mulberry32. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  /** True in so many of a hundred cases. */
  percent(percent: number): boolean {
    return this.next() * 100 < percent
  }

  pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    // The list is never empty, which its type does not always say.
    return items[this.below(items.length)] as Item
  }
}
