import type { OutgoingEvent } from '@holdfast/events'

/** What became of one event in one subscription's queue. */
export type EnqueueResult =
  /** It is on the queue, put there by this call (or by an earlier try of this same call whose reply was lost). */
  | 'enqueued'
  /** The same fact was enqueued before, by another socket, replay, retry or replica. */
  | 'duplicate'
  /** The subscription is at its bound or suspended: the event was not kept, and is counted as missed there. */
  | 'suspended'
  /**
   * Events of the same unit were published under a newer fencing number: this one was not taken. What an earlier try of the same
   * call had put on the queue before is `enqueued` all the same, for it is there.
   */
  | 'fenced'

/** One event and the subscriptions that want it. An empty list is confirmed at once. */
export interface SinkItem {
  readonly event: OutgoingEvent
  readonly subscriptions: readonly string[]
  /**
   * The event is the `holdfast.gap` that ends the suspension of its one subscription: it is enqueued whatever the bound,
   * and only if exactly this many events were missed; else the answer is `suspended` and nothing changes.
   */
  readonly liftsMissedCount?: number
  /**
   * By what right it is published: Redis remembers the highest number of each unit, and takes nothing under a lower one. So an
   * owner that was replaced while it was frozen or cut off can put nothing behind what its successor has published.
   */
  readonly fence?: { readonly unit: string; readonly number: number }
}

/** Results in the order of `SinkItem.subscriptions`. */
export type Confirmation = readonly EnqueueResult[]

/**
 * The way into the queue: an ordered stream. Events become visible to workers in the order of the `enqueue` calls, also
 * across cuts of the connection.
 */
export interface Sink {
  start(): Promise<void>
  /**
   * Resolves once Redis has replied for every subscription, atomically per event. While Redis is away it waits, however
   * long. Rejects with `SinkStoppedError` only when the sink is stopped first.
   */
  enqueue(item: SinkItem): Promise<Confirmation>
  /** What was given and is not yet confirmed. The caller bounds it: the sink itself refuses nothing. */
  readonly unconfirmed: { readonly count: number; readonly bytes: number }
  /** False from the first failure until a resend is confirmed. */
  readonly connected: boolean
  /** Waits until all given events are confirmed, or rejects those left after `graceMs`. Idempotent. */
  stop(graceMs?: number): Promise<void>
}
