export {
  type Closable,
  type ConnectionSettings,
  closeRedis as closeConnection,
  openRedis as openConnection,
  type RedisHome,
  type RedisPlace,
  redisOptions,
} from '@holdfast/runtime'
