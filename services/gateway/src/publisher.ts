import type { Delivery } from '@holdfast/events'
import type { Confirmation, EnqueueResult, Sink } from '@holdfast/queue'
import type { Clock, Log } from '@holdfast/runtime'
import type { Publish } from './ports.ts'
import { type UnconfirmedBound, UnconfirmedRoom } from './room.ts'

/** Which subscriptions want an event, by the wishes known now. */
export type Route = (type: string, delivery: Delivery) => readonly string[]

/** What the publisher counts. Each call is made after the fact. */
export interface PublisherMetrics {
  /** No subscription wants the event. */
  unwanted(connection: string): void
  /** What became of an event in one subscription. */
  result(subscription: string, result: EnqueueResult): void
  /** Handed to the sink (+1), confirmed or abandoned (-1). */
  unconfirmed(connection: string, change: 1 | -1): void
  /** From the publish of a frame's event to its confirmation. */
  confirmed(seconds: number): void
}

/** What a publisher works with. */
export interface PublisherOptions {
  readonly sink: Pick<Sink, 'enqueue' | 'unconfirmed'>
  readonly route: Route
  readonly metrics: PublisherMetrics
  readonly bound: UnconfirmedBound
  readonly clock: Clock
  readonly log: Log
}

/** What a Redis that works takes at most, and a few times more. */
const STALLED_MS = 5_000

/**
 * Hands events to the queue in the order of the calls and tells each sender when its event is confirmed, exactly once:
 * when Redis has replied for every subscription that wants it, or at once where none does. An event that the sink gives
 * up (it was stopped first) is never confirmed, so its watermark stays behind it and the platform repeats it.
 *
 * A subscription that is suspended counts as answered: the queue has counted the event as missed there. An event that is
 * refused because another replica serves the unit by now is never confirmed either: it is that one's to publish.
 */
export class Publisher {
  readonly #options: PublisherOptions
  /** For what is unconfirmed. Nothing that was handed over is dropped for it: whoever publishes asks it first. */
  readonly room: UnconfirmedRoom
  /** When each was handed over that is not confirmed, oldest first. */
  readonly #open = new Set<{ readonly sinceMs: number }>()
  #abandonedCount = 0

  constructor(options: PublisherOptions) {
    this.#options = options
    this.room = new UnconfirmedRoom({ ...options, unconfirmed: () => options.sink.unconfirmed })
  }

  /**
   * Whether any subscription wants events of this type, for drivers that can tell it before they read the body. What is
   * not wanted is counted here, and is not to be published.
   */
  readonly wanted = (type: string, delivery: Delivery, connection: string): boolean => {
    const wanted = this.#options.route(type, delivery).length > 0
    if (!wanted) this.#options.metrics.unwanted(connection)
    return wanted
  }

  readonly publish: Publish = (event, { connection, lease }, onConfirmed) => {
    const { sink, route, metrics, clock } = this.#options
    const subscriptions = route(event.type, event.delivery)
    if (subscriptions.length === 0) {
      metrics.unwanted(connection)
      onConfirmed()
      return
    }
    const open = { sinceMs: clock.monotonicMs() }
    this.#open.add(open)
    metrics.unconfirmed(connection, 1)
    // Here responsibility passes: until this promise resolves the event is the platform's to repeat, afterwards Redis has it.
    const fence = lease && { unit: lease.unit, number: lease.fence }
    sink.enqueue({ event, subscriptions, ...(fence && { fence }) }).then(
      (confirmation) => {
        this.#open.delete(open)
        this.#count(connection, subscriptions, confirmation)
        if (confirmation.includes('fenced')) return lease?.onFenced()
        metrics.confirmed((clock.monotonicMs() - open.sinceMs) / 1_000)
        onConfirmed()
      },
      () => this.#abandon(connection),
    )
    this.room.look()
  }

  /** What waits for Redis. */
  get unconfirmed(): { readonly count: number; readonly bytes: number; readonly oldestAgeMs: number } {
    const { sink, clock } = this.#options
    const [oldest] = this.#open
    return { ...sink.unconfirmed, oldestAgeMs: oldest ? clock.monotonicMs() - oldest.sinceMs : 0 }
  }

  /** Something waits for so long that Redis hangs, whatever its connections look like. */
  get stalled(): boolean {
    return this.unconfirmed.oldestAgeMs >= STALLED_MS
  }

  /** Events that the sink gave up because it was stopped before Redis confirmed them. */
  get abandonedCount(): number {
    return this.#abandonedCount
  }

  #count(connection: string, subscriptions: readonly string[], confirmation: Confirmation): void {
    const { metrics } = this.#options
    for (const [index, subscription] of subscriptions.entries()) {
      const result = confirmation[index]
      if (result) metrics.result(subscription, result)
    }
    metrics.unconfirmed(connection, -1)
    this.room.look()
  }

  #abandon(connection: string): void {
    this.#abandonedCount += 1
    this.#options.metrics.unconfirmed(connection, -1)
  }
}
