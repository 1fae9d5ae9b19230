import { type Depth, interactiveQueue, type QueueView, type Subscription } from '@holdfast/queue'
import type { Clock, Service, Timer } from '@holdfast/runtime'

const LOOK_EVERY_MS = 2_000
/** Figures older than this are not shown any more. */
const STALE_MS = 6_000

/** Where depths are shown. */
export interface DepthMetrics {
  depth(queue: string, depth: Depth): void
  /** Shows no depth at all rather than an old one. */
  forgetDepths(): void
}

/** What is looked at. */
export interface DepthWatchOptions {
  readonly view: Pick<QueueView, 'depth'>
  readonly subscriptions: () => readonly Subscription[]
  readonly metrics: DepthMetrics
  readonly clock: Clock
}

/**
 * Looks every two seconds how much waits in each subscription's queue and in its interactive one, so that metrics and
 * pages answer from memory. While Redis is away there are no figures.
 */
export class DepthWatch implements Service {
  readonly #options: DepthWatchOptions
  #depths: ReadonlyMap<string, Depth> = new Map()
  #lookedAtMs: number
  #looking = false
  #timer: Timer | undefined
  #stopped = false

  constructor(options: DepthWatchOptions) {
    this.#options = options
    this.#lookedAtMs = options.clock.monotonicMs()
  }

  /** Depth of a queue as last seen; undefined where nothing recent is known. */
  find(queue: string): Depth | undefined {
    return this.#depths.get(queue)
  }

  async start(): Promise<void> {
    if (this.#timer) return
    await this.#look()
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.clear()
  }

  #lookLater(): void {
    if (this.#stopped) return
    const { clock } = this.#options
    this.#timer = clock.setTimer(LOOK_EVERY_MS, () => {
      this.#lookLater()
      if (clock.monotonicMs() - this.#lookedAtMs >= STALE_MS) this.#forget()
      // A look that waits for Redis is not joined by another.
      if (!this.#looking) void this.#look()
    })
  }

  async #look(): Promise<void> {
    const { view, subscriptions, metrics, clock } = this.#options
    this.#looking = true
    try {
      const queues = subscriptions().flatMap(({ name }) => [name, interactiveQueue(name)])
      const found = await Promise.all(queues.map(async (queue) => [queue, await view.depth(queue)] as const))
      this.#forget()
      this.#depths = new Map(found)
      this.#lookedAtMs = clock.monotonicMs()
      for (const [queue, depth] of found) metrics.depth(queue, depth)
    } catch {
      // Redis is away; staleness tells.
    } finally {
      this.#looking = false
    }
  }

  #forget(): void {
    this.#depths = new Map()
    this.#options.metrics.forgetDepths()
  }
}
