/** A queue that takes no events: it is at its bound, or nobody has worked on it for too long. */
export interface Suspension {
  readonly reason: 'full' | 'idle'
  readonly sinceAt: number
  /** How many events it has missed since. */
  readonly missedCount: number
}

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
