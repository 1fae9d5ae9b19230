import type { MemoryQueues } from '@holdfast/queue'
import { QueueWorker, type WorkerParts } from '../queue-worker.ts'
import { createBenchQueue } from './bench-queue.ts'
import type { CrashPlan } from './crash-plan.ts'
import { MortalWorker } from './mortal.ts'
import type { RunBook } from './run-book.ts'

/** What the workers of a bench have in place of the world. */
interface CrewParts extends Pick<WorkerParts, 'clock' | 'platforms' | 'postReply' | 'log'> {
  readonly queues: MemoryQueues
  readonly book: RunBook
  readonly plan: CrashPlan
}

/** The live workers of a bench. Each is a real one, with the handlers and options of its template, over a queue in memory. */
export class Crew {
  readonly #parts: CrewParts
  readonly #mortals = new Map<QueueWorker, MortalWorker>()

  constructor(parts: CrewParts) {
    this.#parts = parts
  }

  get members(): readonly QueueWorker[] {
    return [...this.#mortals.keys()]
  }

  /** Resolves once it takes jobs. Rejects as its start does. */
  async hire(template: QueueWorker): Promise<void> {
    const { queues, book, plan, ...surroundings } = this.#parts
    const { settings } = template.parts
    const mortal = new MortalWorker(plan)
    const queue = createBenchQueue(queues, settings.subscription, surroundings.clock, (run) =>
      book.noted(mortal.mortal(run)),
    )
    // What a drain's patience is good for, a test does not wait for.
    const quick = { ...settings, drainMs: 0, http: undefined }
    const hired = new QueueWorker(
      { ...template.parts, ...surroundings, settings: quick, queue },
      template.handlers,
    )
    await hired.start()
    this.#mortals.set(hired, mortal)
  }

  /** They take no more, and what they run is given back. */
  async dismiss(leaving: readonly QueueWorker[]): Promise<void> {
    for (const each of leaving) this.#mortals.delete(each)
    await Promise.all(leaving.map((each) => each.stop()))
  }

  crash(): void {
    for (const mortal of this.#mortals.values()) mortal.die()
  }
}
