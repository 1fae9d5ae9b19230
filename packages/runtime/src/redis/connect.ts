import type { Redis, RedisOptions } from 'ioredis'
import { type Clock, systemClock } from '../clock.ts'
import { codeOf, messageOf, ProblemError } from '../problem.ts'
import { openRedis } from './open.ts'
import { describePlace, type RedisHome, type RedisPlace } from './place.ts'

/** A connection to Redis. */
export type RedisConnection = Redis

/** How to connect, beside the place. */
export interface ConnectRedisOptions {
  /** Name of the connection, as `CLIENT LIST` shows it. */
  readonly name: string
  /** How long it is tried at first. Default 3 s: a Redis started at the same moment may come a little later. */
  readonly patienceMs?: number
  readonly clock?: Clock
  /** Before the usual options, for callers with needs of their own. */
  readonly redis?: RedisOptions
}

/**
 * A connection to Redis, by home or by an address as text, that has answered. Later losses are not told here: it reconnects for ever, at most 2 s apart,
 * and commands wait meanwhile. The caller quits it.
 *
 * @throws {ProblemError} `redis-unreachable`, or `redis-refused` for a wrong password or user: one line with what to do,
 *   the password hidden.
 */
export async function connectRedis(at: string | RedisHome, options: ConnectRedisOptions): Promise<Redis> {
  const home = homeAt(at)
  const redis = open(home, options)
  const failure = await firstAnswer(redis, options.patienceMs ?? 3_000, options.clock ?? systemClock)
  if (failure === undefined) return redis
  redis.disconnect()
  throw unreachable(home.redis, failure)
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
export function awaitRedis(at: string | RedisHome, options: ConnectRedisOptions): AwaitedRedis {
  const { patienceMs = 3_000, clock = systemClock } = options
  const home = homeAt(at)
  const redis = open(home, options)
  return {
    redis,
    async untilAnswers(onSilence, signal) {
      for (let waitMs = patienceMs; !signal.aborted; waitMs = SILENCE_TOLD_EVERY_MS) {
        const failure = await firstAnswer(redis, waitMs, clock, signal)
        if (failure === undefined || signal.aborted) return
        const problem = unreachable(home.redis, failure)
        if (isRefusal(failure)) throw problem
        onSilence(problem)
      }
    },
  }
}

const SILENCE_TOLD_EVERY_MS = 60_000

function open(home: RedisHome, { name, redis, clock }: ConnectRedisOptions): Redis {
  return openRedis(home, name, redis, clock)
}

function homeAt(at: string | RedisHome): RedisHome {
  return typeof at === 'string' ? { redis: { url: at }, prefix: '' } : at
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

/** Redis answered and will not let us in, or is not what it is taken for: trying again can't help. Its answer begins so. */
function isRefusal(error: unknown): boolean {
  return REFUSAL.test(messageOf(error))
}

const REFUSAL =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH|Client sent AUTH|DB index|unknown command|This instance has cluster support disabled))/i

function unreachable(place: RedisPlace, failure: unknown): ProblemError {
  const cause = { cause: failure }
  const where = describePlace(place)
  const key = 'url' in place ? 'redis.url' : 'sentinel' in place ? 'redis.sentinel' : 'redis.cluster'
  if (isRefusal(failure))
    return new ProblemError(
      'redis-refused',
      `Redis at ${where} refuses this connection (${messageOf(failure)}): correct user, password or database in ${key}`,
      cause,
    )
  return new ProblemError(
    'redis-unreachable',
    `Redis at ${where} does not answer (${codeOf(failure) ?? messageOf(failure)}): start Redis there, or set ${key}${'url' in place ? ' (REDIS_URL)' : ''}`,
    cause,
  )
}
