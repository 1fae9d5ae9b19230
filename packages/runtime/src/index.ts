export { type Clock, endsWithin, ManualClock, sleep, systemClock, type Timer } from './clock.ts'
export { INTENT_NAMES, intentBits } from './config/intents.ts'
export { configJsonSchema } from './config/json-schema.ts'
export {
  type ConfigProblem,
  configFileOf,
  type LoadConfigOptions,
  loadConfig,
  parseConfigText,
} from './config/load.ts'
export { readRedisOption } from './config/redis-option.ts'
export type {
  Config,
  ConnectionConfig,
  DiscordConfig,
  SlackRtmConfig,
  SlackSocketModeConfig,
} from './config/schema.ts'
export type { Environment } from './config/source.ts'
export { type DurationText, readDurationMs } from './duration.ts'
export { readFlags } from './flags.ts'
export { freePort } from './free-port.ts'
export { type Check, type Readiness, readinessOf } from './health.ts'
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http.ts'
export { createLog, type Log, type LogOptions } from './log.ts'
export { createMetricsRegistry } from './metrics.ts'
export { Register } from './metrics-register.ts'
export { messageOf, ProblemError } from './problem.ts'
export { EXIT, type ProcessHost, type RunProcessOptions, runProcess } from './process.ts'
export {
  type AwaitedRedis,
  awaitRedis,
  type ConnectRedisOptions,
  connectRedis,
  type RedisConnection,
} from './redis/connect.ts'
export { keySlot } from './redis/key-slot.ts'
export {
  type Closable,
  type ConnectionSettings,
  closeRedis,
  openRedis,
  reconnectDelayMs,
  redisOptions,
} from './redis/open.ts'
export {
  type ClusterPlace,
  describePlace,
  homeOf,
  listNodes,
  type NodeAddress,
  type RedisHome,
  type RedisPlace,
  readNode,
  type SentinelPlace,
  secretPlaceUrl,
  secretsOfPlace,
  type UrlPlace,
} from './redis/place.ts'
export { Secret } from './secret.ts'
export { composeServices, type Service } from './service.ts'
export { didYouMean, nearest } from './suggestion.ts'
