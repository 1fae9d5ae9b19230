import type { HoldfastEvent } from '@holdfast/events'
import type { Outcome, SourceOptions, TakenJob } from '@holdfast/queue'

/** A job that no further try can mend, as the bench's queue keeps it. */
export interface DeadLetter {
  readonly event: HoldfastEvent
  readonly reason: string
}

/** A handler that sleeps or waits. */
export interface SuspendedJob {
  readonly event: HoldfastEvent
  readonly wakeAt: Date
  /** Names of its waits: `ctx.waitFor('answer', …)` is `answer`. */
  readonly waits: readonly string[]
}

/** What became of the jobs of a bench, and which run now. */
export class RunBook {
  readonly #events = new Map<string, HoldfastEvent>()
  readonly #outcomes = new Map<string, Outcome>()
  readonly #whenEnded: (() => void)[] = []
  readonly #active = new Set<TakenJob>()

  sent(event: HoldfastEvent): void {
    this.#events.set(event.id, event)
  }

  /** Jobs that run now. */
  get active(): readonly TakenJob[] {
    return [...this.#active]
  }

  outcomeOf(id: string): Outcome | undefined {
    return this.#outcomes.get(id)
  }

  /** The same run, noted. */
  noted(run: SourceOptions['run']): SourceOptions['run'] {
    return async (job) => {
      this.#active.add(job)
      try {
        return this.#note(job, await run(job))
      } finally {
        this.#active.delete(job)
        for (const resolve of this.#whenEnded.splice(0)) resolve()
      }
    }
  }

  /** Resolves when one of the jobs that run now has ended. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#whenEnded.push(resolve))
  }

  get deadLetters(): readonly DeadLetter[] {
    return this.#entries.flatMap(([event, outcome]) =>
      outcome.kind === 'dead' ? [{ event, reason: outcome.reason }] : [],
    )
  }

  get suspended(): readonly SuspendedJob[] {
    return this.#entries.flatMap(([event, outcome]) => {
      if (outcome.kind !== 'suspended') return []
      const waits = outcome.waits.map(({ key }) => key.slice(key.indexOf(':') + 1))
      return [{ event, wakeAt: new Date(outcome.wakeAt), waits }]
    })
  }

  get #entries(): [HoldfastEvent, Outcome][] {
    return [...this.#outcomes].flatMap(([id, outcome]) => {
      const event = this.#events.get(id)
      return event ? [[event, outcome] satisfies [HoldfastEvent, Outcome]] : []
    })
  }

  /** In the order of their last ends. */
  #note({ id }: TakenJob, outcome: Outcome): Outcome {
    this.#outcomes.delete(id)
    this.#outcomes.set(id, outcome)
    return outcome
  }
}
