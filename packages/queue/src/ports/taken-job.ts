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
