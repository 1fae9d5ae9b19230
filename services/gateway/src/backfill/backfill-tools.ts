import type { CallBudget, GapBook } from '@holdfast/ownership'
import type { Clock, Log } from '@holdfast/runtime'
import type { ConnectionMetrics, DriverTools, Publish, Room } from '../ports.ts'
import type { FillBounds } from './fill.ts'
import type { Turns } from './turns.ts'

/** What backfills count. Each call is made after the fact. */
export interface BackfillMetrics extends Pick<ConnectionMetrics, 'gap'> {
  /** Messages from history are confirmed. */
  filled(connection: string, count: number): void
  /** The history of a connection is asked once more. */
  asked(connection: string): void
  /** So many gaps more are owed; negative: fewer. */
  owed(connection: string, change: number): void
}

/** What all backfills of a gateway work with. */
export interface BackfillTools {
  readonly book: GapBook
  readonly budget: CallBudget
  readonly turns: Turns
  readonly publish: Publish
  readonly wanted: DriverTools['wanted']
  /** Whether any subscription wants messages of this type from history. Counts nothing. */
  readonly wantsFilled: (type: string) => boolean
  readonly room?: Room | undefined
  readonly bounds: FillBounds
  readonly metrics: BackfillMetrics
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly log: Log
}
