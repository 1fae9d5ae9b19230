import type { Gap } from '@holdfast/events'
import type { BackfillStatus, LastGap } from '../ports.ts'
import type { Debt } from './debt.ts'

/** What is known here of the debts of one unit, and what is shown of them. */
export class Debts {
  readonly #onOwed: (change: number) => void
  readonly #debts = new Map<string, Debt>()
  /** The gap that something was done about last. */
  #last: { readonly gap: Gap; readonly status: BackfillStatus } | undefined

  /** `onOwed`: so many more are owed; negative: fewer. */
  constructor(onOwed: (change: number) => void) {
    this.#onOwed = onOwed
  }

  add(id: string, debt: Debt): void {
    if (!this.#debts.has(id)) this.#onOwed(1)
    this.#debts.set(id, debt)
    this.#show(debt, 'owed')
  }

  /** It is further by now. */
  move(id: string, debt: Debt): void {
    this.#debts.set(id, debt)
    this.#show(debt, 'running')
  }

  settle(id: string, debt: Debt, state: 'done' | 'incomplete'): void {
    this.forget(id)
    this.#show(debt, state)
  }

  forget(id: string): void {
    if (this.#debts.delete(id)) this.#onOwed(-1)
  }

  clear(): void {
    for (const id of [...this.#debts.keys()]) this.forget(id)
  }

  find(id: string): Debt | undefined {
    return this.#debts.get(id)
  }

  /** The gap that began first. */
  get first(): readonly [id: string, debt: Debt] | undefined {
    return [...this.#debts].sort(([, one], [, other]) => one.gap.from - other.gap.from)[0]
  }

  /** The last gap with how it is filled in; `told`, where nothing is known of that one. */
  lastGap(told: LastGap | undefined): LastGap | undefined {
    const last = this.#last
    if (!last) return told
    const [from, to] = [new Date(last.gap.from).toISOString(), new Date(last.gap.to).toISOString()]
    if (told && (told.from !== from || told.to !== to)) return told
    return { from, to, why: last.gap.why, backfill: last.status }
  }

  #show({ gap, account }: Debt, state: BackfillStatus['state']): void {
    const { messageCount, requestCount } = account
    this.#last = { gap, status: { state, messageCount, requestCount } }
  }
}
