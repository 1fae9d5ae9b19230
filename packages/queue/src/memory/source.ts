import type { AbortReason, Outcome, Source, SourceOptions, TakenJob } from '../ports.ts'
import type { MemoryJob } from './job.ts'
import type { MemoryQueue } from './queue.ts'

/** Takes jobs of the in-memory queues, with the rules of the Redis source. Locks can't be lost here. */
export class MemorySource implements Source {
  readonly #options: SourceOptions
  readonly #lines: { queue: MemoryQueue; name: string; active: number }[]
  readonly #aborts = new Set<(reason: AbortReason) => void>()
  #running = false
  #whenIdle: (() => void)[] = []

  constructor(options: SourceOptions, [ordered, interactive]: [MemoryQueue, MemoryQueue]) {
    this.#options = options
    this.#lines = [
      { queue: ordered, name: options.subscription, active: 0 },
      { queue: interactive, name: `${options.subscription}.interactive`, active: 0 },
    ]
  }

  get activeCount(): number {
    return this.#aborts.size
  }

  async start(): Promise<void> {
    this.#running = true
    for (const line of this.#lines) line.queue.takers.add(this.#take)
    this.#take()
  }

  async pause(): Promise<void> {
    this.#running = false
    for (const line of this.#lines) line.queue.takers.delete(this.#take)
  }

  abort(): void {
    for (const abort of this.#aborts) abort('drain')
  }

  idle(): Promise<void> {
    if (this.#aborts.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  async stop(): Promise<void> {
    await this.pause()
    await this.idle()
  }

  readonly #take = (): void => {
    for (const line of this.#lines) {
      while (this.#running && line.active < this.#options.concurrency) {
        const job = line.queue.take()
        if (!job) break
        void this.#live(line, job)
      }
    }
  }

  async #live(line: { queue: MemoryQueue; name: string; active: number }, job: MemoryJob): Promise<void> {
    const controller = new AbortController()
    const abort = (reason: AbortReason) => controller.abort(reason)
    this.#aborts.add(abort)
    line.active++
    const outcome = await this.#run(takenJob(line.name, line.queue, job, controller.signal))
    line.active--
    this.#aborts.delete(abort)
    settle(line.queue, job, outcome)
    this.#take()
    if (this.#aborts.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  async #run(job: TakenJob): Promise<Outcome> {
    try {
      return await this.#options.run(job)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.onProblem?.({ code: 'run-rejected', message: reason, jobId: job.id })
      return { kind: 'dead', reason }
    }
  }
}

function settle(queue: MemoryQueue, job: MemoryJob, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'completed':
      return queue.complete(job)
    case 'retry':
      return outcome.uncounted ? queue.pass(job, outcome.delayMs) : queue.retry(job, outcome.delayMs)
    case 'dead':
      return queue.bury(job, outcome.reason, outcome.stack)
    case 'returned':
      return queue.giveBack(job)
    case 'passed':
      return queue.pass(job, outcome.delayMs)
    case 'suspended':
      return queue.sleep(job, outcome.wakeAt)
    case 'given':
      return
    default:
      outcome satisfies never
  }
}

function takenJob(name: string, queue: MemoryQueue, job: MemoryJob, signal: AbortSignal): TakenJob {
  return {
    id: job.id,
    queue: name,
    data: job.data,
    type: job.type,
    attempt: job.attemptsSpent + 1,
    deathCount: 0,
    lastStepAt: job.lastStepAt,
    waiters: [],
    giveTo: async () => 'gone',
    pastEvents: async () => [],
    takePast: async () => 'gone',
    signal,
    steps: new Map(job.steps),
    recordStep: async (key, text) => {
      job.steps.set(key, text)
      return 'recorded'
    },
    leaveLane: async () => {
      queue.leaveLane(job)
      return 'left'
    },
  }
}
