import type { Outcome, TakenJob } from '@holdfast/queue'
import type { CrashPlan } from './crash-plan.ts'

type Run = (job: TakenJob) => Promise<Outcome>

/**
 * One process of a worker, which can die: then all that it runs goes back to the queue, unfinished and without an attempt
 * spent, and what its handlers still do is recorded no more, as that of a process whose locks are lost.
 */
class Life {
  readonly #death = new AbortController()
  readonly died: Promise<'died'>

  constructor() {
    this.died = new Promise((resolve) =>
      this.#death.signal.addEventListener('abort', () => resolve('died'), { once: true }),
    )
  }

  get signal(): AbortSignal {
    return this.#death.signal
  }

  get over(): boolean {
    return this.#death.signal.aborted
  }

  end(): void {
    this.#death.abort('lost-lock')
  }
}

/** Runs jobs in processes that die as planned; the next one stands ready when one has died. */
export class MortalWorker {
  readonly #plan: CrashPlan
  readonly #deaths = new Map<string, number>()
  #life = new Life()

  constructor(plan: CrashPlan) {
    this.#plan = plan
  }

  /** The same run, in a process that may die in it. */
  mortal(run: Run): Run {
    return async (job) => {
      const life = this.#life
      const outcome = await Promise.race([run(this.#held(job, life)), life.died])
      if (outcome !== 'died') return outcome
      this.#deaths.set(job.id, (this.#deaths.get(job.id) ?? 0) + 1)
      return { kind: 'returned' }
    }
  }

  die(): void {
    this.#life.end()
    this.#life = new Life()
  }

  /** The job as one process holds it. */
  #held(job: TakenJob, life: Life): TakenJob {
    const fenced = <Result>(write: () => Promise<Result>): Promise<Result | 'lost-lock'> =>
      life.over ? Promise.resolve('lost-lock') : write()
    return {
      ...pick(job),
      deathCount: this.#deaths.get(job.id) ?? 0,
      signal: AbortSignal.any([job.signal, life.signal]),
      get lastStepAt() {
        return job.lastStepAt
      },
      recordStep: (key, text) => this.#record(job, life, key, text),
      leaveLane: () => fenced(() => job.leaveLane()),
      giveTo: (waiter, resultText) => fenced(() => job.giveTo(waiter, resultText)),
      pastEvents: (wait, sinceAt) => job.pastEvents(wait, sinceAt),
      takePast: (event, key, resultText) => fenced(() => job.takePast(event, key, resultText)),
    }
  }

  async #record(job: TakenJob, life: Life, key: string, text: string): Promise<'recorded' | 'lost-lock'> {
    if (life.over) return 'lost-lock'
    const moment = this.#plan.take(key)
    if (moment === 'before-record') return this.#dieNow()
    const recorded = await job.recordStep(key, text)
    this.#deaths.delete(job.id)
    return moment === undefined ? recorded : this.#dieNow()
  }

  /** What is under way in a process that dies never ends. */
  #dieNow(): Promise<never> {
    this.die()
    return new Promise(() => {})
  }
}

function pick({ id, queue, data, type, attempt, readdedAt, stepBeforeAt, steps, waiters }: TakenJob) {
  const always = { id, queue, data, type, attempt, stepBeforeAt, steps, waiters }
  return { ...always, ...(readdedAt === undefined ? {} : { readdedAt }) }
}
