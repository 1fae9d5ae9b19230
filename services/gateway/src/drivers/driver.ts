import type { Delivery } from '@holdfast/events'
import type { CheckpointStore } from '@holdfast/ownership'
import type { Clock } from '@holdfast/runtime'
import type { ConnectionMetrics, Publish } from '../ports.ts'
import type { OpenSocket } from './socket.ts'

/** Where a driver tells what it does: one line per transition. Never a token, never a payload. */
export interface DriverLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What every driver needs of the world. */
export interface DriverDeps {
  readonly publish: Publish
  /**
   * Whether any subscription wants events of this type. What it refuses is confirmed without parsing its body, and it
   * counts what it refuses. Default: everything is published.
   */
  readonly wanted?: (type: string, delivery: Delivery, connection: string) => boolean
  readonly checkpoints: CheckpointStore
  readonly metrics: ConnectionMetrics
  readonly log: DriverLog
  readonly clock: Clock
  /** Default: a real websocket. */
  readonly openSocket?: OpenSocket
  /** Default: the process's own. */
  readonly fetch?: typeof fetch
}
