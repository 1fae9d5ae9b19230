import { Redis, type RedisOptions } from 'ioredis'
import { type Clock, systemClock } from './clock.ts'
import { codeOf, messageOf, ProblemError } from './problem.ts'
import { type Secret, secretUrl } from './secret.ts'

/** A connection to Redis. */
export type RedisConnection = Redis

/** How to connect, beside the address. */
export interface ConnectRedisOptions {
  /** Name of the connection, as `CLIENT LIST` shows it. */
  readonly name: string
  /** How long it is tried at first. Default 3 s: a Redis started at the same moment may come a little later. */
  readonly patienceMs?: number
  readonly clock?: Clock
  /** Added to the options below, for callers with needs of their own. */
  readonly redis?: RedisOptions
}

/**
 * A connection to Redis that has answered. Later losses are not told here: it reconnects for ever, at most 2 s apart,
 * and commands wait meanwhile. The caller quits it.
 *
 * @throws {ProblemError} `redis-unreachable`, or `redis-refused` for a wrong password or user: one line with what to do,
 *   the password hidden.
 */
export async function connectRedis(url: string | Secret, options: ConnectRedisOptions): Promise<Redis> {
  const address = typeof url === 'string' ? secretUrl(url) : url
  const redis = new Redis(address.reveal(), redisOptions(options))
  const failure = await firstAnswer(redis, options.patienceMs ?? 3_000, options.clock ?? systemClock)
  if (failure === undefined) {
    // Losses show in `redis.status`; without a listener ioredis would print each failed attempt.
    redis.on('error', () => {})
    return redis
  }
  redis.disconnect()
  throw unreachable(address, failure)
}

/** How long to wait before the n-th attempt to reconnect: quick at first, never more than 2 s. */
export const reconnectDelayMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), 2_000)

/** The options every connection of ours starts from: named, reconnecting quickly, never giving up. */
export function redisOptions(options: Pick<ConnectRedisOptions, 'name' | 'redis'>): RedisOptions {
  return {
    connectionName: options.name,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: null,
    retryStrategy: reconnectDelayMs,
    ...options.redis,
  }
}

/** Undefined once Redis is ready; the last error when it refuses us for good or patience ends. */
function firstAnswer(redis: Redis, patienceMs: number, clock: Clock): Promise<unknown> {
  return new Promise((resolve) => {
    let last: unknown = new Error('timed out')
    const settle = (failure: unknown) => {
      timer.clear()
      redis.off('ready', onReady)
      redis.off('error', onError)
      // Still heard after this: an error event without a listener is printed.
      redis.on('error', ignore)
      resolve(failure)
    }
    const onReady = () => settle(undefined)
    const onError = (error: unknown) => {
      last = error
      if (isRefusal(error)) settle(error)
    }
    const timer = clock.setTimer(patienceMs, () => settle(last))
    redis.on('ready', onReady)
    redis.on('error', onError)
  })
}

function ignore(): void {}

/** Redis answered and will not let us in: trying again can't help. The first word of its answer is the error's code. */
function isRefusal(error: unknown): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH|Client sent AUTH|DB index))/.test(
    messageOf(error),
  )
}

function unreachable(address: Secret, failure: unknown): ProblemError {
  const cause = { cause: failure }
  if (isRefusal(failure))
    return new ProblemError(
      'redis-refused',
      `Redis at ${address} refuses this connection (${messageOf(failure)}): correct user, password or database in redis.url`,
      cause,
    )
  return new ProblemError(
    'redis-unreachable',
    `Redis at ${address} does not answer (${codeOf(failure) ?? messageOf(failure)}): start Redis there, or set redis.url (REDIS_URL)`,
    cause,
  )
}
