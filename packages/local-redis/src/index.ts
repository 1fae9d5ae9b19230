export { type LocalRedis, type ObtainRedisOptions, obtainRedis } from './obtain.ts'
export { type LocalRedisCode, LocalRedisError } from './problem.ts'
