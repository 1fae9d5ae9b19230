import { setTimeout as after } from 'node:timers/promises'

/** What was landed, in tonnes, by its name. */
export type Sums = Readonly<Record<string, number>>

/** A source that takes its time. */
export interface Ledger {
  readonly pageCount: number
  readPage(year: string, page: number): Promise<Sums>
}

/** Both together. */
export function addUp(one: Sums, other: Sums): Sums {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]))
}

/** An imaginary harbour's. */
export function harbourLedger(pageMs: number): Ledger {
  return {
    pageCount: 12,
    async readPage(year, page) {
      await after(pageMs)
      return { herring: (Number(year) + page) % 7, kelp: page, mussels: 2 }
    },
  }
}
