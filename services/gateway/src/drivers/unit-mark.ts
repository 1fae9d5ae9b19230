import type { Checkpoint } from '@holdfast/ownership'
import type { DriverTools } from '../ports.ts'

/** How far one unit is by the word of this disk: what an earlier process has left there, and what this one leaves while Redis is away. */
export class UnitMark {
  readonly #journal: DriverTools['journal']
  readonly #unit: string
  #isLeft = false

  constructor(journal: DriverTools['journal'], unit: string) {
    this.#journal = journal
    this.#unit = unit
  }

  /** What an earlier process left, for whoever holds the unit under this number. A number between means that another has served it since. */
  before(fence: number): Checkpoint | undefined {
    const mark = this.#journal.marked?.(this.#unit)
    return mark && mark.fence <= fence && mark.fence >= fence - 1 ? mark.checkpoint : undefined
  }

  /** Should this process die, the next one on its disk goes on from here. */
  leave(fence: number, checkpoint: Checkpoint): void {
    this.#isLeft = true
    this.#journal.mark?.(this.#unit, { fence, checkpoint })
  }

  /** Redis knows as much, or the unit is another's. */
  takeBack(): void {
    if (this.#isLeft) this.#journal.mark?.(this.#unit, undefined)
    this.#isLeft = false
  }
}
