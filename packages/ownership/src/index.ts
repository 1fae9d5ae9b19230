export { createMembers, type Member, type Members, type Membership } from './members.ts'
export { createMemoryCallBudget } from './memory-call-budget.ts'
export { createMemoryCheckpointStore } from './memory-checkpoint-store.ts'
export { createOutageCallBudget, type OutageCallBudgetOptions } from './outage-call-budget.ts'
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
export { decodeUnits, encodeUnits, UNIT_BOUND, type UnitReport, type UnitReports } from './unit-report.ts'
