import type { Entry } from '@holdfast/simulator'

interface Span {
  readonly fromN: number
  readonly toN: number
}

/**
 * For which instants Slack's RTM kept events for a socket that then came, by the simulator's record: between the issue of an
 * address and its use. What was kept for an address that nobody ever used was lost with it.
 */
export class Tickets {
  readonly #used: readonly Span[]

  constructor(bot: string, record: readonly Entry[]) {
    const issued: number[] = []
    this.#used = record.flatMap((entry) => {
      if (entry.kind !== 'ticket' || entry.bot !== bot) return []
      if (entry.what === 'issued') issued.push(entry.n)
      // An address is used at once or never: it is the latest.
      const fromN = entry.what === 'used' ? issued.pop() : undefined
      return fromN === undefined ? [] : [{ fromN, toN: entry.n }]
    })
  }

  /** Whether what was kept at this place of the record was handed over. */
  handedOver(n: number): boolean {
    return this.#used.some(({ fromN, toN }) => fromN < n && n < toN)
  }
}
