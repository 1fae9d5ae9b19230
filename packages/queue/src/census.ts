import type { Subscription } from './ports.ts'

/** One live worker, as the books and its own sign of life tell. */
export interface WorkerSeen {
  readonly workerId: string
  readonly subscription: string
  /** Patterns of what it has handlers for; none until it has declared them. */
  readonly patterns: readonly string[]
  /** `silent`: connected and without a sign of life, as one whose event loop is blocked. It still holds its jobs. */
  readonly state: 'alive' | 'silent'
  /** By the clock of Redis. */
  readonly lastBeatAgeMs: number
  /** How many jobs it holds; absent where there are too many to count. */
  readonly activeCount?: number
  /** Absent where its version does not tell. */
  readonly host?: string
  readonly pid?: number
  /** Unix milliseconds. */
  readonly startedAt?: number
}

/** Who is there, at one moment. */
export interface Census {
  /** Sorted by name; with `workerCount` of those that live, whoever else the books still name. */
  readonly subscriptions: readonly Subscription[]
  readonly workers: readonly WorkerSeen[]
  /** Names of declarations that this version can't read; they are left out. */
  readonly unreadable: readonly string[]
}

/** Looks at the books without a mark in them: for those who watch. */
export interface CensusTaker {
  /**
   * Waits while Redis is away. What is garbage is left out.
   *
   * @throws {QueueError} `layout` where Redis holds data of another layout.
   */
  take(): Promise<Census>
  stop(): Promise<void>
}
