export {
  type FleetStanding,
  type HandoverStanding,
  type ReplicaStanding,
  type ReplicaState,
  type RestingDeploy,
  standingOf,
  type UnitStanding,
} from './fleet-standing.ts'
export type { GapBook, NoteAnswer, OweAnswer, OwedGap } from './gap-book.ts'
export type {
  Deploy,
  HandoverPhase,
  Lease,
  LeaseNews,
  LeaseStore,
  MemberRecord,
  MemberSeen,
  Picture,
  Run,
  SeenLease,
  Successor,
} from './lease.ts'
export { createMembers, type Member, type Members } from './members.ts'
export { createMemoryCallBudget } from './memory-call-budget.ts'
export { createMemoryCheckpointStore, type MemoryCheckpointStore } from './memory-checkpoint-store.ts'
export { createMemoryGapBook, type MemoryGapBook } from './memory-gap-book.ts'
export { createMemoryLeaseStore, type MemoryLeaseStore } from './memory-lease-store.ts'
export { createOutageCallBudget, type OutageCallBudgetOptions } from './outage-call-budget.ts'
export { plan, trialOf } from './plan.ts'
export type {
  CallBudget,
  CallGrant,
  CallRate,
  Checkpoint,
  CheckpointStore,
  DiscordSession,
  SlackRtmPresence,
  SlackSocketPresence,
} from './ports.ts'
export { createRedisCallBudget } from './redis-call-budget.ts'
export { createRedisCheckpointStore } from './redis-checkpoint-store.ts'
export { createRedisGapBook } from './redis-gap-book.ts'
export { createRedisLeaseNews } from './redis-lease-news.ts'
export { createRedisLeaseStore } from './redis-lease-store.ts'
export type {
  Move,
  OwnershipTimes,
  OwnUnit,
  Standpoint,
  Tenure,
  UnitHealth,
  Watched,
} from './standpoint.ts'
export { judgeTrial, type TrialVerdict } from './trial.ts'
export { decodeUnits, encodeUnits, UNIT_BOUND, type UnitReport, type UnitReports } from './unit-report.ts'
export { createWatch, type Watch } from './watch.ts'
