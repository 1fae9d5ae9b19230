import type { Picture, Run } from './lease.ts'

/**
 * The highest fencing number of each unit that a run has seen, in pictures or as its own. After a change of master Redis may lack the
 * last change of an owner, and would give out its number a second time: whoever has seen it asks for a higher one.
 */
export class HighestFences {
  /** By run, then by unit. A process has one run; a test may have several. */
  readonly #seen = new Map<string, Map<string, number>>()

  /** Takes note of a picture, and returns it. */
  seen(run: Run, picture: Picture): Picture {
    for (const { unit, fence } of picture.leases) this.#note(run, unit, fence)
    return picture
  }

  /** Takes note of a number that was given to the run, if one was; returns it. */
  given(run: Run, unit: string, fence: number | undefined): number | undefined {
    if (fence !== undefined) this.#note(run, unit, fence)
    return fence
  }

  /** 0 where the run has seen none. */
  of({ run }: Run, unit: string): number {
    return this.#seen.get(run)?.get(unit) ?? 0
  }

  #note({ run }: Run, unit: string, fence: number): void {
    const units = this.#seen.get(run) ?? new Map<string, number>()
    this.#seen.set(run, units.set(unit, Math.max(fence, units.get(unit) ?? 0)))
  }
}
