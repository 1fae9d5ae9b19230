import type { Clock } from '@holdfast/runtime'
import { interactiveQueue } from '../layout.ts'
import type { PastSeen } from '../past-seen.ts'
import type { AbortReason, Outcome, Source, SourceOptions, TakenJob } from '../ports.ts'
import type { MemoryJob } from './job.ts'
import type { MemoryQueue } from './queue.ts'
import { takenJob } from './taken-job.ts'
import type { Place } from './waits.ts'

interface Line {
  readonly queue: MemoryQueue
  readonly name: string
  active: number
}

/** Takes jobs of the in-memory queues, with the rules of the Redis source. Locks can't be lost here. */
export class MemorySource implements Source {
  readonly #options: SourceOptions
  readonly #clock: Clock
  readonly #lines: Line[]
  readonly #aborts = new Set<(reason: AbortReason) => void>()
  #running = false
  #whenIdle: (() => void)[] = []

  constructor(options: SourceOptions, clock: Clock, [ordered, interactive]: [MemoryQueue, MemoryQueue]) {
    this.#options = options
    this.#clock = clock
    this.#lines = [
      { queue: ordered, name: options.subscription, active: 0 },
      { queue: interactive, name: interactiveQueue(options.subscription), active: 0 },
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
        const taken = line.queue.take()
        if (!taken) break
        void this.#live(line, taken)
      }
    }
  }

  async #live(line: Line, { job, isNew }: { job: MemoryJob; isNew: boolean }): Promise<void> {
    const controller = new AbortController()
    const abort = (reason: AbortReason) => controller.abort(reason)
    this.#aborts.add(abort)
    line.active++
    const place = { queue: line.queue, name: line.name, job }
    const pastSeen: PastSeen = new Map()
    const waiters = isNew ? this.#offer(place) : []
    const outcome = await this.#run(takenJob(place, waiters, controller.signal, pastSeen))
    line.active--
    this.#aborts.delete(abort)
    settle(place, outcome, pastSeen)
    this.#take()
    if (this.#aborts.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** It may be what another job waits for, or will wait for. */
  #offer(place: Place) {
    const { waits } = place.queue
    waits.keep(place, this.#clock.wallAt())
    return waits.candidates(place.job)
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

function settle(place: Place, outcome: Outcome, pastSeen: PastSeen): void {
  const { queue, job } = place
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
      return suspend(place, outcome, pastSeen)
    case 'given':
      return
    default:
      outcome satisfies never
  }
}

function suspend(
  place: Place,
  { wakeAt, waits }: Extract<Outcome, { kind: 'suspended' }>,
  pastSeen: PastSeen,
): void {
  const { queue, job } = place
  const hasCome = waits.some(
    (wait) => queue.waits.past(job, wait, { above: pastSeen.get(wait.key) ?? 0 }).length > 0,
  )
  if (hasCome) return queue.giveBack(job)
  queue.sleep(job, wakeAt)
  queue.waits.register(place, waits)
}
