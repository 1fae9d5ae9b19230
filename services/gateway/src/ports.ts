import type { Delivery, Gap, GapReason, OutgoingEvent } from '@holdfast/events'
import type { CallBudget, Checkpoint, CheckpointStore } from '@holdfast/ownership'
import type { Clock, Log } from '@holdfast/runtime'
import type { OpenSocket } from './drivers/socket.ts'

/** Whose event it is, and by what right it is published. */
export interface Origin {
  readonly connection: string
  /**
   * The unit it came over, and the fencing number under which it is served: Redis refuses the event once another replica has
   * published under a newer one. Absent for what was served before and is published again (the journal's).
   */
  readonly lease?: {
    readonly unit: string
    readonly fence: number
    /** The event was refused: it is the newer holder's to publish. */
    readonly onFenced: () => void
  }
}

/**
 * How a driver hands over an event. Never throws, never blocks; events are enqueued in the order of the calls.
 * `onConfirmed` is called exactly once, after Redis has replied for every subscription that wants the event (at once
 * where none does), and not at all if the process stops first or the lease is another's. Here responsibility passes from
 * the socket to the queue.
 *
 * `onKept`: the event may go into the journal where Redis is slow for it. Called at most once, and never after `onConfirmed`, when
 * the journal holds it on disk: it outlives this process, as long as its disk does. Absent for what the platform repeats by
 * itself (Socket Mode), and what has a way of its own into the journal.
 */
export type Publish = (
  event: OutgoingEvent,
  origin: Origin,
  onConfirmed: () => void,
  onKept?: () => void,
) => void

/** What a connection is doing, as `/readyz`, `/v1/connections` and the metrics show it. */
export interface ConnectionStatus {
  readonly connection: string
  readonly platform: 'slack' | 'discord'
  readonly transport: 'rtm' | 'socket-mode' | 'gateway'
  /** Discord only. */
  readonly shard?: number
  readonly state: 'connecting' | 'connected' | 'waiting' | 'stopped' | 'fatal'
  /** One sentence: what it waits for, or why it stopped and what a person must do. */
  readonly why?: string
  /** Discord: received and confirmed sequence. */
  readonly sequence?: { readonly received: number; readonly confirmed: number }
  /** Socket Mode: how many sockets serve, and how many shall. One is enough to be connected. */
  readonly sockets?: { readonly open: number; readonly wanted: number }
  readonly sinceAt: number
  /** The last time of which events may be missing, once it is announced; of this process alone. */
  readonly lastGap?: LastGap
}

/** From when to when (RFC 3339), and why. */
export interface LastGap {
  readonly from: string
  readonly to: string
  readonly why: GapReason
  /** Absent where nothing is filled in. */
  readonly backfill?: BackfillStatus
}

/** How far a gap is filled in from history. */
export interface BackfillStatus {
  /** `incomplete`: it is done, and what could not be had is told as a gap of its own. */
  readonly state: 'owed' | 'running' | 'done' | 'incomplete'
  /** Messages of it that are confirmed, those included that the queue knew already. */
  readonly messageCount: number
  readonly requestCount: number
}

/** How it went with the preparations to serve a unit that another replica serves still. */
export type Arrival =
  | { readonly kind: 'arrived' }
  /** It could not serve it: `why` says what a person must do. */
  | { readonly kind: 'failed'; readonly why: string }

/**
 * One unit as this replica serves it: its sockets, timers and machine. It begins alone, with `start`, or beside the replica
 * that serves the unit still: `arrive`, then `proceed` once that one has yielded, then `own` once the lease is ours. It ends
 * with `stop`, before which it may `yield`. A driver that has stopped or yielded `closed` is of no more use.
 */
export interface ConnectionDriver {
  /**
   * The unit is ours under this fencing number, and nobody serves it. Loads the checkpoint and begins to connect. Resolves
   * when the first attempt is under way. Idempotent.
   */
  start(fence: number): Promise<void>
  /**
   * Prepares to go on from where the present holder is; `fence` is that one's number. RTM connects and holds back what comes;
   * Socket Mode connects, and publishes under that number what Slack sends to it and not to the holder. Resolves when it could
   * go on, or never will; waits as long as it takes (the budget of calls, a platform that is away), until `stop`. Never rejects.
   */
  arrive(fence: number): Promise<Arrival>
  /**
   * The holder has yielded. RTM publishes what it held back and what comes from here on, beside the holder, which goes on
   * serving: all of it comes on both sockets, and the queue recognises the second. Elsewhere this says nothing new.
   */
  proceed(): void
  /** The unit is ours under this fencing number. Resolves as `start` does. */
  own(fence: number): Promise<void>
  /**
   * Lets a successor that has arrived go on: resolves when it may, within `graceMs`. `closed`: everything that came is
   * confirmed, the checkpoint is written and the sockets are gone, so that the session can be resumed. `serving` (RTM):
   * everything up to now is confirmed; it serves on until `stop`, and goes on as before if the successor does not come.
   */
  yield(graceMs: number): Promise<'closed' | 'serving'>
  /** The successor does not come: what was yielded while `serving` is yielded no more. */
  serveOn(): void
  /**
   * Waits for confirms within `graceMs`, writes the checkpoint and closes, so that whoever comes next goes on from there. What
   * comes first depends on the transport: see each driver. Resolves when nothing of its sockets remains. Idempotent.
   */
  stop(graceMs: number): Promise<void>
  status(): ConnectionStatus
}

/** Counters that drivers move; implemented over prom-client, and by a plain recorder in tests. */
export interface ConnectionMetrics {
  received(platform: string, connection: string, type: string): void
  malformed(connection: string): void
  gap(connection: string): void
  /** RTM: an event came while nothing more can be held. It is announced with the gap. */
  dropped(connection: string): void
  /** Socket Mode: an envelope was left to Slack while nothing more can be held. It is delivered again, for some minutes. */
  withheld(connection: string): void
  /** Discord: a new session was asked for. */
  identified(connection: string): void
  /** Discord: the shard was taken for deaf, and is resumed or begun anew. */
  deaf(connection: string, shard: number): void
  /** Discord: identifies are held back because there were too many, or are not any more. */
  identifyBreaker(connection: string, holds: boolean): void
  state(connection: string, shard: number | undefined, state: ConnectionStatus['state']): void
}

/** Where a driver tells what it does: one line per transition. Never a token, never a payload. */
export type DriverLog = Pick<Log, 'info' | 'warn' | 'error'>

/**
 * Whether this process can hold more of what Redis has not confirmed. Where it can't, a driver takes nothing from its platform
 * that the platform can repeat, and counts as missed what it can't.
 */
export interface Room {
  /** The bound of the configuration is reached; false again once half of it is free. */
  readonly full: boolean
  /** Calls back at each change. Returns how to stop. */
  watch(onChange: (full: boolean) => void): () => void
}

/** What a process that died left on this disk of a unit that it served. */
export interface Mark {
  /** The fencing number under which it was served. */
  readonly fence: number
  readonly checkpoint: Checkpoint
}

/** Fills in from the platform's history what a gap left out. */
export interface Backfill {
  /** Whether messages of such a gap will be filled in: somebody wants them, and they would have come over the socket. */
  covers(gap: Gap): boolean
  /**
   * The gap is confirmed on the queue: what history has of it is owed from now on. Resolves once that is written down, fenced, so
   * that whoever serves the unit next goes on with it; waits as long as Redis is away. Never rejects; does not resolve where the unit
   * is another's by now.
   */
  owe(gap: Gap, lease: NonNullable<Origin['lease']>): Promise<void>
}

/** An event that the journal holds. */
export interface JournalEntry {
  /** Redis has confirmed the event: the journal need not hold it any more. */
  settle(): void
}

/**
 * Where events go that a person waits for and Redis is too slow for, and how far units are meanwhile (what streams in gets there by
 * `Publish.onKept`). What it holds survives the death of the process, and is published again by the next one on the same disk.
 */
export interface Journal {
  /** Resolves when the event is on disk (fsynced). Rejects where it can't be, or is full: then nothing may be acknowledged. */
  keep(event: OutgoingEvent, connection: string): Promise<JournalEntry>
  /**
   * How far a unit is, counting what the journal holds as confirmed: for the next process on this disk, should this one die while
   * Redis is away. The latest word of a unit stands; nothing takes it back. Best effort: nothing relies on it but the length
   * of a gap.
   */
  mark?(unit: string, mark: Mark | undefined): void
  /** The last word of an earlier process about a unit; taken over at the start. */
  marked?(unit: string): Mark | undefined
  /** Resolves when Redis has all that was taken over at the start: until then a mark from there is good for this disk alone. */
  replayed?(): Promise<void>
}

/** What the gateway gives to every driver. */
export interface DriverTools {
  readonly publish: Publish
  /**
   * Whether any subscription wants events of this type; counts what nobody does. What it refuses is confirmed without
   * parsing its body.
   */
  readonly wanted: (type: string, delivery: Delivery, connection: string) => boolean
  readonly checkpoints: CheckpointStore
  /** Calls that a platform allows rarely, counted over restarts. Always answers, whatever becomes of Redis. */
  readonly budget: CallBudget
  readonly journal: Journal
  /** Default: there is always room. */
  readonly room?: Room
  /** Default: nothing is filled in. */
  readonly backfill?: Backfill
  readonly metrics: ConnectionMetrics
  readonly clock: Clock
  readonly log: DriverLog
  readonly fetch: typeof fetch
  /** Default: a real websocket. */
  readonly openSocket?: OpenSocket
  /**
   * Asks whether the unit is still ours to serve, before what can't be taken back. Never rejects; while nobody can tell, it is.
   * Default: it is.
   */
  readonly isOurs?: () => Promise<boolean>
  /**
   * Discord has ended the session or the socket that served, as it does where another gateway resumes the session. It may be for another
   * reason, too.
   */
  readonly onOusted?: () => void
  /** The unit is another replica's by now: its events or checkpoints were refused. Called once or more. */
  readonly onFenced?: () => void
}
