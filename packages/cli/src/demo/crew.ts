import type { Clock } from '@holdfast/runtime'
import { Child, type Ending } from './child.ts'

/** A worker's own drain (10 s) and a little more. */
const STOP_MS = 14_000

export interface CrewOptions {
  readonly size: number
  /** The module each worker runs. */
  readonly module: string
  /** Differs by generation, so that a roll shows. */
  readonly env: (generation: number) => Readonly<Record<string, string | undefined>>
  readonly logFile: (name: string) => string
  /** Resolves when a worker takes jobs. */
  readonly ready: (worker: Child) => Promise<void>
  readonly clock: Clock
}

/** The worker processes: as many as wanted, whatever becomes of single ones. */
export class Crew {
  readonly #options: CrewOptions
  #workers: readonly Child[] = []
  #generation = 1
  #hiredCount = 0

  constructor(options: CrewOptions) {
    this.#options = options
  }

  get workers(): readonly Child[] {
    return this.#workers.filter((worker) => worker.running)
  }

  get generation(): number {
    return this.#generation
  }

  start(): Promise<void> {
    return this.#fill()
  }

  /** Ends a worker with SIGKILL and puts another in its place. Resolves when that one takes jobs. */
  async kill(worker: Child): Promise<void> {
    worker.signal('SIGKILL')
    await worker.ended
    await this.#fill()
  }

  /** Replaces all by workers of the next generation: starts those first, then drains the old. */
  async roll(): Promise<readonly Ending[]> {
    const old = this.workers
    this.#generation += 1
    this.#workers = []
    await this.#fill()
    return Promise.all(old.map((worker) => worker.stop(STOP_MS, this.#options.clock)))
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(STOP_MS, this.#options.clock)))
  }

  async #fill(): Promise<void> {
    const missing = this.#options.size - this.workers.length
    const hired = Array.from({ length: missing }, () => this.#hire())
    this.#workers = [...this.workers, ...hired]
    await Promise.all(hired.map((worker) => this.#options.ready(worker)))
  }

  #hire(): Child {
    this.#hiredCount += 1
    const name = `worker-${this.#hiredCount}`
    const { module, env, logFile } = this.#options
    return new Child({ name, module, env: env(this.#generation), logFile: logFile(name) })
  }
}
