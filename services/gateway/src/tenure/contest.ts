import type { Clock } from '@holdfast/runtime'

/** So often within so long, and it is no accident. */
const LOSS_COUNT = 2
const WITHIN_MS = 120_000

/**
 * Whether somebody else seems to serve a unit while Redis does not say whose it is: the platform has ended what served it twice within
 * two minutes, as it does where another gateway takes the session. One loss says nothing, for platforms end sockets. Contested it
 * stays until Redis answers.
 */
export class Contest {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #lostMs: readonly number[] = []

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** The platform has ended the socket or the session that served. */
  lost(): void {
    if (this.isOpen) return
    const nowMs = this.#clock.monotonicMs()
    this.#lostMs = [...this.#lostMs.filter((lostMs) => nowMs - lostMs <= WITHIN_MS), nowMs]
  }

  /** Redis has said whose it is. */
  settled(): void {
    this.#lostMs = []
  }

  get isOpen(): boolean {
    return this.#lostMs.length >= LOSS_COUNT
  }
}
