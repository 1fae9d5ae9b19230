import type { Delivery, GapReason, OutgoingEvent } from '@holdfast/events'
import type { CallBudget, CheckpointStore } from '@holdfast/ownership'
import type { Clock, Log } from '@holdfast/runtime'
import type { OpenSocket } from './drivers/socket.ts'

/**
 * How a driver hands over an event. Never throws, never blocks; events are enqueued in the order of the calls.
 * `onConfirmed` is called exactly once, after Redis has replied for every subscription that wants the event (at once
 * where none does), and not at all if the process stops first. Here responsibility passes from the socket to the queue.
 */
export type Publish = (event: OutgoingEvent, connection: string, onConfirmed: () => void) => void

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
}

/** One owned unit: its socket, timers and machine. */
export interface ConnectionDriver {
  /** Loads the checkpoint and begins to connect. Resolves when the first attempt is under way. Idempotent. */
  start(): Promise<void>
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
  state(connection: string, shard: number | undefined, state: ConnectionStatus['state']): void
}

/** Where a driver tells what it does: one line per transition. Never a token, never a payload. */
export type DriverLog = Pick<Log, 'info' | 'warn' | 'error'>

/** An event that the journal holds. */
export interface JournalEntry {
  /** Redis has confirmed the event: the journal need not hold it any more. */
  settle(): void
}

/**
 * Where events go that the platform never repeats and Redis is too slow for. What it holds survives the death of the
 * process, and is published again by the next one on the same disk.
 */
export interface Journal {
  /** Resolves when the event is on disk (fsynced). Rejects where it can't be, or is full: then nothing may be acknowledged. */
  keep(event: OutgoingEvent, connection: string): Promise<JournalEntry>
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
  readonly metrics: ConnectionMetrics
  readonly clock: Clock
  readonly log: DriverLog
  readonly fetch: typeof fetch
  /** Default: a real websocket. */
  readonly openSocket?: OpenSocket
}
