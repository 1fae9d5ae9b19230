import type { MemoryJob } from './job.ts'

/** The order of each conversation: its first job may run, the others wait. */
export class MemoryLanes {
  readonly #lanes = new Map<string, MemoryJob[]>()

  /** At its end. Returns whether the job may run. */
  join(job: MemoryJob): boolean {
    if (job.lane === '') return true
    const lane = this.#lanes.get(job.lane) ?? []
    this.#lanes.set(job.lane, [...lane, job])
    return lane.length === 0
  }

  /** Woken: behind the job that runs right now and those that were woken before, and before all others. */
  enter(job: MemoryJob): void {
    if (job.lane === '' || job.leftLane) return
    const lane = this.#lanes.get(job.lane) ?? []
    let at = lane[0]?.state === 'active' ? 1 : 0
    while (lane[at]?.isWoken) at++
    this.#lanes.set(job.lane, lane.toSpliced(at, 0, job))
  }

  /** In the place of one of the same lane. */
  replace(job: MemoryJob, by: MemoryJob): void {
    const lane = this.#lanes.get(job.lane) ?? []
    this.#lanes.set(
      job.lane,
      lane.map((other) => (other === job ? by : other)),
    )
  }

  /** Whether another of its lane comes first. */
  isBehind(job: MemoryJob): boolean {
    const lane = this.#lanes.get(job.lane) ?? []
    return lane.indexOf(job) > 0
  }

  /** How many wait for it, while it is the first of its lane. */
  countBehind(job: MemoryJob): number {
    const lane = this.#lanes.get(job.lane) ?? []
    return lane[0] === job ? lane.length - 1 : 0
  }

  has(job: MemoryJob): boolean {
    return this.#lanes.get(job.lane)?.includes(job) ?? false
  }

  /** Returns the first of those that remain, which may run if it was parked. */
  leave(job: MemoryJob): MemoryJob | undefined {
    if (!this.has(job)) return undefined
    const rest = (this.#lanes.get(job.lane) ?? []).filter((other) => other !== job)
    if (rest.length > 0) this.#lanes.set(job.lane, rest)
    else this.#lanes.delete(job.lane)
    return rest[0]
  }
}
