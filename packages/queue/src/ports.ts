import type { OutgoingEvent } from '@holdfast/events'
import type { Partition } from './partition.ts'

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

/** Why a running job must stop: the worker drains, or the job's lock is no longer this worker's. */
export type AbortReason = 'drain' | 'lost-lock'

/** A job that this worker holds. Everything written through it is refused once the lock is lost. */
export interface TakenJob {
  readonly id: string
  /** The queue it came from: the subscription, or `<subscription>.interactive`. */
  readonly queue: string
  /** The event as stored; decode it with `decodeEvent`. */
  readonly data: unknown
  readonly type: string
  /** 1 for the first try. Drains, deaths of a worker and parking are no attempts. */
  readonly attempt: number
  /** How often a worker died holding it since its last finished step. */
  readonly deathCount: number
  /**
   * Present where a change of Redis had lost it, or its end, and it was put on the queue again: when (Unix ms). Before, it may
   * have been handled, in part or to its end, and no step tells of it.
   */
  readonly readdedAt?: number
  /** Aborts with an `AbortReason`. */
  readonly signal: AbortSignal
  /** Results of finished steps: key to JSON text. */
  readonly steps: ReadonlyMap<string, string>
  /** Remembers a step's result. `lost-lock`: it was refused and nothing was written. */
  recordStep(key: string, resultText: string): Promise<'recorded' | 'lost-lock'>
  /** Lets the next event of the conversation start, now, and for good. Later calls do nothing. */
  leaveLane(): Promise<'left' | 'lost-lock'>
  /** When its last step was recorded; of a job without steps, when it was put on the queue (Unix ms). */
  readonly lastStepAt: number
  /** As this run began, when the one before its last was recorded: the last began after that, whichever run it was in (Unix ms). */
  readonly stepBeforeAt: number
  /**
   * Suspended jobs of the same subscription that this event may wake, by the type and the conversation that they wait for; the one
   * that has waited longest comes first. Whether it is the event that they wait for is the SDK's to decide. None where a handler
   * has had it in its hands: a step was recorded, or an attempt spent.
   */
  readonly waiters: readonly Waiter[]
  /**
   * Ends this job by giving its event to a waiter, which runs on: in this job's place in the lane, where both are of the same one.
   * `resultText` is recorded there under the wait's key, in the same step. `gone`: it waits no more, nothing has changed.
   */
  giveTo(waiter: Waiter, resultText: string): Promise<'given' | 'gone' | 'lost-lock'>
  /**
   * Events that this job may wait for and that came before it does, the oldest first: those of its subscription that no lane holds
   * back (interactive ones, those without a conversation or an order) and that were begun since `sinceAt`, within the last
   * `PAST_MS`, and given to no waiter.
   */
  pastEvents(wait: Wait, sinceAt: number): Promise<readonly PastEvent[]>
  /** Takes a past event for this job, and records `resultText` under `key`. `gone`: another wait has taken it. */
  takePast(event: PastEvent, key: string, resultText: string): Promise<'taken' | 'gone' | 'lost-lock'>
}

/** What a suspended job waits for beside the time. */
export interface Wait {
  /** The step under which the event that ends it is recorded. */
  readonly key: string
  /** Of the event's type. */
  readonly pattern: string
  /** The conversation whose events it waits for. Default: any. */
  readonly subject?: string
  /** How the SDK recognises the event. The queue stores it, and does not read it. */
  readonly spec: string
}

/** A suspended job, by one of its waits. */
export interface Waiter {
  readonly queue: string
  readonly jobId: string
  readonly wait: Wait
}

/** An event that was begun before somebody waited for it. */
export interface PastEvent {
  readonly id: string
  /** As stored; decode it with `decodeEvent`. */
  readonly data: unknown
  /** Rises with each event of the subscription that is kept for those who will wait. */
  readonly number: number
}

/** What became of a job, as the SDK decides it. */
export type Outcome =
  | { readonly kind: 'completed' }
  /** The handler failed: try again after `delayMs`. Spends an attempt unless `uncounted`; the lane waits behind it. */
  | {
      readonly kind: 'retry'
      readonly delayMs: number
      readonly reason: string
      /** What it waits for is no fault of the job. */
      readonly uncounted?: true
    }
  /** A dead letter: kept in `failed` until someone retries or drops it. */
  | { readonly kind: 'dead'; readonly reason: string; readonly stack?: string }
  /** Given back unfinished (drain): to the front, no attempt spent. */
  | { readonly kind: 'returned' }
  /**
   * Asleep until `wakeAt` (Unix ms), or until an event is given to one of `waits`: out of its slot and its lane, no attempt spent.
   * Then it runs again, at the front of its lane: when the event that runs there has ended, and before all that wait. Who has left
   * its lane for good stays outside. Where past events came for one of its waits since this run looked for them (or never did), it
   * runs again at once.
   */
  | {
      readonly kind: 'suspended'
      readonly wakeAt: number
      readonly waits: readonly Wait[]
    }
  /** Its event was given to a waiter: there is nothing left to report. */
  | { readonly kind: 'given' }
  /** Not for this worker: in `delayMs` another may take it. Spends no attempt; the lane waits behind it. */
  | { readonly kind: 'passed'; readonly delayMs: number }

/**
 * The way out of the queue. Runs jobs with bounded concurrency: a job only when it is the head of its lane; interactive
 * jobs in slots of their own. `run` must never reject; a rejection is reported and counts as `dead`.
 */
export interface Source {
  /** Resolves once the connections stand and jobs are being taken. */
  start(): Promise<void>
  /** Takes no more jobs. Running ones go on. Idempotent. */
  pause(): Promise<void>
  /** Aborts the signals of all running jobs with `drain`. */
  abort(): void
  /** How many jobs run now. */
  readonly activeCount: number
  /** Resolves when none runs. */
  idle(): Promise<void>
  /**
   * Pauses, waits for running jobs, closes the connections. While Redis is away it waits 5 s for its return; what still
   * runs or waits to be reported then runs again after the lock time. Idempotent.
   */
  stop(): Promise<void>
}

export interface SourceOptions {
  readonly subscription: string
  readonly concurrency: number
  readonly run: (job: TakenJob) => Promise<Outcome>
  /** Faults worth a person's eye, with what happens next; never payloads. */
  readonly onProblem?: (problem: SourceProblem) => void
}

export interface SourceProblem {
  /**
   * `worker-died`: of another worker, whose jobs were returned here; the others concern this one. `redis-away` and `redis-back`
   * stand around an outage, once each. `takes-nothing`: work waits and none was taken; what takes it is replaced. `stuck`: that
   * did not help, and only another process can: whoever runs this source should end it.
   */
  readonly code:
    | 'run-rejected'
    | 'connection'
    | 'redis-away'
    | 'redis-back'
    | 'lost-lock'
    | 'report-refused'
    | 'worker-died'
    | 'takes-nothing'
    | 'stuck'
  readonly message: string
  readonly jobId?: string
}

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

/** A queue that takes no events: it is at its bound, or nobody has worked on it for too long. */
export interface Suspension {
  readonly reason: 'full' | 'idle'
  readonly sinceAt: number
  /** How many events it has missed since. */
  readonly missedCount: number
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

/** Depth by state. Parked jobs wait behind an earlier event of their conversation; they count as waiting work. */
export interface Depth {
  readonly waiting: number
  readonly parked: number
  readonly active: number
  readonly sleeping: number
  readonly retrying: number
  readonly failed: number
  /** Age of the oldest event that could run: waiting or parked. 0 when there is none. */
  readonly lagMs: number
}

/** A running job that others of its conversation wait for. */
export interface Blocker {
  readonly id: string
  readonly type: string
  readonly lane: string
  /** Since its present run began. */
  readonly heldMs: number
  /** How many wait behind it. */
  readonly waitingCount: number
}

/** Reads what is on the queues. Cheap enough to be asked every second. */
export interface QueueView {
  /** Depth of one queue: a subscription's, or its interactive one. */
  depth(queue: string): Promise<Depth>
  /** Whether a queue is suspended, and since when. */
  suspension(queue: string): Promise<Suspension | undefined>
  /**
   * The jobs that have held their lane for `heldMs` while others wait behind them, the one that has held it longest first. Of more
   * than a thousand running jobs only a thousand are looked at.
   */
  blockers(queue: string, heldMs: number): Promise<readonly Blocker[]>
  /** Suspends a queue on which nobody works. One that is suspended already stays as it is. */
  suspendIdle(queue: string): Promise<void>
  /** What became of an event, for as long as its dedupe window lasts. */
  record(queue: string, eventId: string): Promise<EventRecord | undefined>
  stop(): Promise<void>
}

/** What is known of one event in one subscription, kept for the dedupe window. */
export interface EventRecord {
  readonly id: string
  readonly type: string
  readonly enqueuedAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
  /** `completed`, `dead`, or absent while it waits or runs. */
  readonly outcome?: 'completed' | 'dead'
  readonly attempts?: number
}
