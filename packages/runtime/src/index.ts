export { type Clock, endsWithin, ManualClock, sleep, systemClock, type Timer } from './clock.ts'
export { INTENT_NAMES, type IntentName, intentBits } from './config/intents.ts'
export { configJsonSchema } from './config/json-schema.ts'
export { type LoadConfigOptions, loadConfig, parseConfigText } from './config/load.ts'
export type {
  Config,
  ConnectionConfig,
  DiscordConfig,
  SlackRtmConfig,
  SlackSocketModeConfig,
  SubscriptionConfig,
} from './config/schema.ts'
export type { Environment } from './config/source.ts'
export { type Check, type Readiness, readinessOf } from './health.ts'
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http.ts'
export { createLog, type Log, type LogLevel, type LogOptions } from './log.ts'
export { createMetricsRegistry } from './metrics.ts'
export { codeOf, messageOf, ProblemError } from './problem.ts'
export { EXIT, type ProcessHost, type RunProcessOptions, runProcess } from './process.ts'
export { type ConnectRedisOptions, connectRedis, type RedisConnection, redisOptions } from './redis.ts'
export { Secret, secretUrl } from './secret.ts'
export { composeServices, type Service } from './service.ts'
export { didYouMean, nearest } from './suggestion.ts'
