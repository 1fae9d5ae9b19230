import type { Ledger } from './stage.ts'

/** Nobody has said anything. */
export const EMPTY_LEDGER: Ledger = {
  sent: 0,
  handled: 0,
  answered: 0,
  waiting: 0,
  lost: 0,
  repeated: 0,
  reordered: 0,
  backfilled: 0,
  notRecoverable: 0,
  announcedGaps: 0,
  oldestWaitingMs: 0,
}
