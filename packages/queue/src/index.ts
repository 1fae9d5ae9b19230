export type { Census, CensusTaker, WorkerSeen } from './census.ts'
export type {
  DeadLetter,
  DeadLetterChoice,
  DeadLetterFilter,
  DeadLetterInFull,
  DeadLetterPage,
  DeadLetters,
} from './dead-letters.ts'
export { Gate } from './gate.ts'
export { LANE_HOLD_MS } from './lane-hold.ts'
export { interactiveQueue, LAYOUT_VERSION } from './layout.ts'
export { createMemoryQueues, type MemoryQueues } from './memory/queues.ts'
export { type Partition, partitionPrefix } from './partition.ts'
export type * from './ports.ts'
export { QueueError } from './problem.ts'
export { type CensusTakerOptions, createCensusTaker } from './redis/census.ts'
export { createDeadLetters, type DeadLettersOptions } from './redis/dead-letters.ts'
export { GATEWAY_TTL_MS } from './redis/gateway-notes.ts'
export { createPartitionedSink, type PartitionedSinkOptions } from './redis/partitioned-sink.ts'
export type { Readded } from './redis/readding.ts'
export type { RecentBound } from './redis/recent.ts'
export { createRegistry, type RedisRegistryOptions } from './redis/registry.ts'
export { createRedisSink, type RedisSinkOptions } from './redis/sink.ts'
export { createRedisSource, type RedisSourceOptions } from './redis/source.ts'
export {
  createSubscriptionAdmin,
  type SubscriptionAdminOptions,
} from './redis/subscription-admin.ts'
export { createQueueView, type RedisViewOptions } from './redis/view.ts'
export { DEFAULT_MAX_IDLE_MS, DEFAULT_MAX_WAITING } from './subscription.ts'
export type { RemovalRefusal, SubscriptionAdmin } from './subscription-admin.ts'
