/*
 * What the console's page is told: server-sent events of `GET /page/feed`. Each event's name is a key of `ConsoleEvents`,
 * its data the JSON of that type. `hello` comes first on every connection and replaces all that the page knew; the others
 * change it. Instants are Unix milliseconds. The file imports nothing, so that the page can take its types.
 */
export interface ConsoleEvents {
  readonly hello: ConsoleHello
  /** About once a second, while Redis answers. Replaces the picture before. */
  readonly picture: Picture
  /** One for each subscription, every two seconds, while Redis answers. */
  readonly samples: readonly NewSample[]
  /** About once a second while Redis is away, and once when it is back. */
  readonly redis: RedisState
}

export interface ConsoleHello {
  readonly version: string
  readonly reads: Reads
  readonly redis: RedisState
  readonly picture: Picture
  /** By subscription, oldest first: the last hour. */
  readonly history: Readonly<Record<string, readonly Sample[]>>
}

/** Which Redis it is that the console reads. */
export interface Reads {
  /** `redis://host:port`, without user and password. */
  readonly redis: string
  readonly prefix: string
}

/** Whether the picture is of now. */
export type RedisState =
  | { readonly state: 'answers' }
  /** `pictureAgeMs`: how long ago the last picture was taken; nothing newer is known. */
  | { readonly state: 'away'; readonly pictureAgeMs: number; readonly why: string }

/** Everything that is known, as of one moment. */
export interface Picture {
  readonly takenAt: number
  readonly summary: Summary
  readonly subscriptions: readonly SubscriptionSeen[]
  readonly workers: readonly WorkerSeen[]
  readonly gateways: readonly GatewaySeen[]
  readonly units: readonly UnitSeen[]
  /** Subscriptions beyond the bound of what is watched: only counted. */
  readonly unwatchedCount: number
}

/** How things stand, for people. */
export interface Summary {
  readonly status: 'well' | 'attention' | 'trouble'
  /** One sentence. */
  readonly sentence: string
  /** All that is not well, the worst first. */
  readonly notes: readonly Note[]
}

export interface Note {
  /** `trouble`: events are or may soon be lost or stuck; `attention`: a person should look at it. */
  readonly level: 'attention' | 'trouble'
  readonly text: string
}

/** Events by state. Parked ones wait behind an earlier event of their conversation. */
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

export interface SubscriptionSeen {
  readonly name: string
  readonly patterns: readonly string[]
  readonly order: 'conversation' | 'actor' | 'none'
  readonly initial: boolean
  readonly maxWaiting: number
  readonly maxIdleMs: number
  readonly fixed: boolean
  /** Only development workers have declared it: after this long without a worker it is removed. */
  readonly devExpiryMs?: number
  readonly workerCount: number
  /** Absent where it is at home. */
  readonly partition?: number | 'home'
  readonly depth: Depth
  /** Absent while it takes events. */
  readonly suspension?: Suspension
  /** Handlers that have held their conversation for a minute while others wait behind them, the longest first. */
  readonly blockers?: readonly Blocker[]
  /** The queue of its interactive events. */
  readonly interactive: { readonly depth: Depth; readonly suspension?: Suspension }
}

/** A running job that others of its conversation wait for. */
export interface Blocker {
  readonly id: string
  readonly type: string
  readonly lane: string
  readonly heldMs: number
  readonly waitingCount: number
}

/** A queue that takes no events: it is at its bound, or nobody has worked on it for too long. */
export interface Suspension {
  readonly reason: 'full' | 'idle'
  readonly sinceAt: number
  readonly missedCount: number
}

export interface WorkerSeen {
  readonly workerId: string
  readonly subscription: string
  /** Of what it has handlers for. */
  readonly patterns: readonly string[]
  /** `silent`: connected, without a sign of life. */
  readonly state: 'alive' | 'silent'
  readonly lastBeatAgeMs: number
  /** How many jobs it holds, where that is known. */
  readonly activeCount?: number
  readonly host?: string
  readonly pid?: number
  readonly startedAt?: number
}

/** A gateway that lives, as it tells of itself. */
export interface GatewaySeen {
  readonly replica: string
  readonly version?: string
  readonly deployId?: string
  /** `failed`: it could not show that it can serve, and has given back what it took. */
  readonly state: 'standing' | 'on trial' | 'draining' | 'failed'
  /** What it has still to show, or why it failed. */
  readonly why?: string
  readonly startedAt?: number
  /** Units by state, all of them; absent where its version does not tell of its units. */
  readonly unitCounts?: Readonly<Record<string, number>>
}

/** A unit that some gateway owns, or should: a connection, or one shard of it. */
export interface UnitSeen {
  readonly unit: string
  /** Absent where nobody tells. */
  readonly platform?: string
  /** As its owner names it; else `free`, `silent` (its owner is not heard of), or `untold`. */
  readonly state: string
  readonly sinceAt: number
  readonly why?: string
  readonly sequence?: { readonly received: number; readonly confirmed: number }
  /** The gateway's replica; absent where it is free. */
  readonly owner?: string
  /** The number of its lease; absent where its owner is of a version without leases. */
  readonly fence?: number
  /** The owner has not shown yet that it can serve it. */
  readonly onTrial?: boolean
  /** It is on its way to another gateway. */
  readonly handover?: { readonly to: string; readonly phase: string }
}

/** Both queues of a subscription together; of an older sample, the highest of its time. */
export type Sample = readonly [
  at: number,
  waiting: number,
  parked: number,
  active: number,
  sleeping: number,
  retrying: number,
  failed: number,
  lagMs: number,
]

export interface NewSample {
  readonly subscription: string
  readonly sample: Sample
}
