export { createMembers, type Member, type Members } from './members.ts'
export { createMemoryCheckpointStore } from './memory-checkpoint-store.ts'
export type { Checkpoint, CheckpointStore, DiscordSession, SlackRtmPresence } from './ports.ts'
export { createRedisCheckpointStore } from './redis-checkpoint-store.ts'
