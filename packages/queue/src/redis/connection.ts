import { reconnectDelayMs } from '@holdfast/runtime'
import { Redis, type RedisOptions } from 'ioredis'

/** Where Redis is. `url` as ioredis takes it (`redis://`, `rediss://`). */
export interface RedisAddress {
  readonly url: string
}

/** A master that became a replica keeps its connections: leave it, and take the refused command along. */
const reconnectOnError = (error: Error): 2 | false => (error.message.startsWith('READONLY') ? 2 : false)

/** What a connection needs, spelled out: BullMQ takes no undefined values. */
export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly connectionName: string
  readonly retryStrategy: (attempt: number) => number
  readonly reconnectOnError: (error: Error) => 2 | false
  readonly username?: string
  readonly password?: string
  readonly tls?: Record<string, never>
}

/** Settings from a URL. */
export function redisOptions(address: RedisAddress, name: string): ConnectionSettings {
  const url = new URL(address.url)
  const db = url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    connectionName: name,
    retryStrategy: reconnectDelayMs,
    reconnectOnError,
  }
}

/** A connection for commands that may wait while Redis is away. */
export function openConnection(address: RedisAddress, name: string, options: RedisOptions = {}): Redis {
  const redis = new Redis({ ...redisOptions(address, name), maxRetriesPerRequest: null, ...options })
  // ioredis repeats each failed attempt as an error event; what they mean is decided where commands fail.
  redis.on('error', () => {})
  return redis
}

/** Closes for good; what still waits for Redis is rejected. */
export function closeConnection(redis: Redis): void {
  const betweenAttempts = redis.status === 'reconnecting'
  redis.disconnect()
  // Then there is no socket whose end would reject what waits, so it would wait for ever: it goes with this one.
  if (!betweenAttempts) return
  redis.connect().then(
    () => redis.disconnect(),
    () => {},
  )
}
