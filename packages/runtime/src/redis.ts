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
  const redis = open(address, options)
  const failure = await firstAnswer(redis, options.patienceMs ?? 3_000, options.clock ?? systemClock)
  if (failure === undefined) return redis
  redis.disconnect()
  throw unreachable(address, failure)
}

/** A connection that was opened, and may not have been answered yet. */
export interface AwaitedRedis {
  readonly redis: Redis
  /**
   * Resolves when Redis has answered, or `signal` was given up. While it does not answer, `onSilence` is told why, first after
   * the patience of the options, then once a minute.
   *
   * @throws {ProblemError} `redis-refused` for a wrong password or user.
   */
  untilAnswers(onSilence: (problem: ProblemError) => void, signal: AbortSignal): Promise<void>
}

/** As `connectRedis`, for whoever has something to do while Redis is away. The caller quits it, answered or not. */
export function awaitRedis(url: string | Secret, options: ConnectRedisOptions): AwaitedRedis {
  const { patienceMs = 3_000, clock = systemClock } = options
  const address = typeof url === 'string' ? secretUrl(url) : url
  const redis = open(address, options)
  return {
    redis,
    async untilAnswers(onSilence, signal) {
      for (let waitMs = patienceMs; !signal.aborted; waitMs = SILENCE_TOLD_EVERY_MS) {
        const failure = await firstAnswer(redis, waitMs, clock, signal)
        if (failure === undefined || signal.aborted) return
        const problem = unreachable(address, failure)
        if (isRefusal(failure)) throw problem
        onSilence(problem)
      }
    },
  }
}

const SILENCE_TOLD_EVERY_MS = 60_000

function open(address: Secret, options: ConnectRedisOptions): Redis {
  const redis = new Redis(address.reveal(), redisOptions(options))
  // Losses show in `redis.status`; without a listener ioredis would print each failed attempt.
  redis.on('error', () => {})
  return redis
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

/** Undefined once Redis is ready; the last error when it refuses us for good, patience ends, or `signal` is given up. */
function firstAnswer(redis: Redis, patienceMs: number, clock: Clock, signal?: AbortSignal): Promise<unknown> {
  if (redis.status === 'ready') return Promise.resolve(undefined)
  return new Promise((resolve) => {
    let last: unknown = new Error('timed out')
    const settle = (failure: unknown) => {
      timer.clear()
      redis.off('ready', onReady)
      redis.off('error', onError)
      signal?.removeEventListener('abort', onGivenUp)
      resolve(failure)
    }
    const onReady = () => settle(undefined)
    const onError = (error: unknown) => {
      last = error
      if (isRefusal(error)) settle(error)
    }
    const onGivenUp = () => settle(last)
    const timer = clock.setTimer(patienceMs, () => settle(last))
    signal?.addEventListener('abort', onGivenUp, { once: true })
    redis.on('ready', onReady)
    redis.on('error', onError)
  })
}

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
