import type { Partition } from '../partition.ts'

/** How the events of a subscription are ordered: by conversation, by actor, or not at all. */
export type Order = 'conversation' | 'actor' | 'none'

/** What orders the events that match a pattern. Of several that match, the most specific one decides. */
export interface OrderOf {
  readonly pattern: string
  /** Default: the subscription's. */
  readonly order?: Order
}

/** A named wish for events. */
export interface Subscription {
  readonly name: string
  /** Patterns of event types: `slack.*`, `discord.MESSAGE_CREATE`, `holdfast.gap`. */
  readonly patterns: readonly string[]
  readonly order: Order
  /** Of handlers with an order of their own, and of those beside them. What they do not match is ordered by `order`. */
  readonly orders?: readonly OrderOf[]
  readonly initial: boolean
  /** At this depth the subscription is suspended. */
  readonly maxWaiting: number
  /** After this long without a worker it is suspended. */
  readonly maxIdleMs: number
  /** Set by the configuration file: workers can't change its patterns. */
  readonly fixed: boolean
  /** Only development workers have declared it: after this long without a worker it is removed, with all that waits in it. */
  readonly devExpiryMs?: number
  /** How many live workers of ours take from it. */
  readonly workerCount: number
  /** Where its queues are. Default: home. */
  readonly partition?: Partition
}

/** All subscriptions as they are wished for now, and the version that names this state. */
export interface Wishes {
  readonly version: number
  readonly subscriptions: readonly Subscription[]
}

/** What one live worker wants. */
export interface WorkerWish {
  readonly workerId: string
  readonly subscription: string
  readonly patterns: readonly string[]
  readonly order: Order
  readonly orders?: readonly OrderOf[]
  readonly initial?: boolean
  /** Default: what was declared before, else 100,000. */
  readonly maxWaiting?: number
  /** Default: what was declared before, else 7 days. */
  readonly maxIdleMs?: number
  /** It is for development: what nobody declares otherwise is removed after this long without a worker. */
  readonly devExpiryMs?: number
  /** Patterns of what it has handlers for, where that is not what it wishes for. Default: `patterns`. */
  readonly handles?: readonly string[]
}

/**
 * Who wishes for which events. A subscription's patterns are those of its live workers together with those last
 * declared, so that an old and a new version side by side each get theirs, and events wait while no worker runs.
 */
export interface Registry {
  /**
   * Where the queues of a subscription are. One that is not created yet gets its partition by this, the one with the fewest
   * subscriptions, and keeps it.
   */
  locate(subscription: string): Promise<Partition>
  /** A worker says what it wants. Resolves with the version in which its wish stands. */
  declare(wish: WorkerWish): Promise<number>
  /** A worker goes; what was last declared stays. */
  withdraw(workerId: string): Promise<void>
  /** Resolves once every live gateway knows `version`; `timeout` when one still does not after `timeoutMs`. */
  awaitNoted(version: number, timeoutMs: number): Promise<'noted' | 'timeout'>
  /**
   * All subscriptions of the configuration file: fixed, and created where they are missing. One that an earlier file fixed
   * and this one does not name stays as it was, but workers may change it again.
   *
   * @throws {QueueError} `partitions` where more partitions are in use than the registry was opened for.
   */
  declareFixed(subscriptions: readonly FixedSubscription[]): Promise<void>
  wishes(): Promise<Wishes>
  /** What the live workers of a subscription declared, each by itself. */
  wishers(subscription: string): Promise<readonly WorkerWish[]>
  /** Calls back after each change. Returns how to stop. */
  watch(onChange: () => void): () => void
  /** A gateway says which version it routes by; to be repeated within `GATEWAY_TTL_MS`. */
  note(gatewayId: string, version: number): Promise<void>
  /** A gateway goes. */
  leave(gatewayId: string): Promise<void>
  stop(): Promise<void>
}

export type FixedSubscription = Pick<Subscription, 'name' | 'patterns'> &
  Partial<Pick<Subscription, 'order' | 'initial' | 'maxWaiting' | 'maxIdleMs'>>
