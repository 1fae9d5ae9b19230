import type { Clock } from '@holdfast/runtime'

interface Probe {
  readonly id: number | undefined
  readonly sentMs: number
}

/** The heartbeats or pings of one socket that are not answered yet. A socket keeps its order, so answers come in it too. */
export class Probes {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #open: readonly Probe[] = []

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** `id`: where the answer names the probe it belongs to. */
  sent(id?: number): void {
    this.#open = [...this.#open, { id, sentMs: this.#clock.monotonicMs() }]
  }

  /**
   * When the probe that this answer belongs to was sent (monotonic milliseconds): the one of that `id`, or else the oldest. Those before it count as
   * answered too. Undefined for an answer to none of them.
   */
  answered(id?: number): number | undefined {
    const index = id === undefined ? 0 : this.#open.findIndex((probe) => probe.id === id)
    if (index < 0) return undefined
    const probe = this.#open[index]
    this.#open = this.#open.slice(index + 1)
    return probe?.sentMs
  }
}
