import { type Environment, type RedisPlace, readRedisOption } from '@holdfast/runtime'

/** Where Redis is: one of `url`, `sentinel` and `cluster`. Servers are given as `host:port`. */
export interface RedisOption {
  /** `redis://` or `rediss://`. Default `REDIS_URL`, else `redis://127.0.0.1:6379`. */
  readonly url?: string
  /** The master that Redis Sentinels watch. */
  readonly sentinel?: {
    /** What the sentinels call the master. */
    readonly name: string
    readonly nodes: readonly string[]
    readonly username?: string
    readonly password?: string
    readonly sentinelPassword?: string
    readonly db?: number
    readonly tls?: boolean
  }
  /** A Redis Cluster. */
  readonly cluster?: {
    /** Some of its nodes. */
    readonly nodes: readonly string[]
    readonly username?: string
    readonly password?: string
    readonly tls?: boolean
  }
  /** Default `HOLDFAST_PREFIX`, else `{holdfast}`; as the gateway's. */
  readonly prefix?: string
  /**
   * How long a start waits for a Redis that is away before it fails. Default `HOLDFAST_REDIS_WAIT_MS`, else for as long as it
   * takes.
   */
  readonly waitMs?: number
}

/** The option as it is used; `waitMs` may be infinite. */
export type RedisSettings = RedisPlace & { readonly prefix: string; readonly waitMs: number }

/** The option with what it leaves out. One that is refused by `redisProblems` may come out as anything. */
export function redisSettings(option: RedisOption | undefined, environment: Environment): RedisSettings {
  const { prefix = environment.HOLDFAST_PREFIX || '{holdfast}', waitMs, ...place } = option ?? {}
  const rest = {
    prefix,
    waitMs: waitMs ?? Number(environment.HOLDFAST_REDIS_WAIT_MS || Number.POSITIVE_INFINITY),
  }
  const read = isFleet(place) ? readRedisOption(place) : undefined
  if (read && 'redis' in read) return { ...read.redis, ...rest }
  return { url: place.url ?? (environment.REDIS_URL || 'redis://127.0.0.1:6379'), ...rest }
}

/** One line for each thing that is wrong with the option. */
export function redisProblems(option: RedisOption | undefined, settings: RedisSettings): readonly string[] {
  const { prefix: _, waitMs: __, ...place } = option ?? {}
  return [...placeProblems(place, settings), ...waitProblem(settings.waitMs)]
}

function placeProblems(place: object, settings: RedisSettings): readonly string[] {
  if (!isFleet(place)) return 'url' in settings ? urlProblem(String(settings.url)) : []
  const read = readRedisOption(place)
  return 'problems' in read ? read.problems : []
}

function isFleet(place: object): boolean {
  return Object.keys(place).some((key) => key !== 'url')
}

/** Says nothing of the text itself: it may hold a password. */
function urlProblem(url: string): string[] {
  const valid = URL.canParse(url) && ['redis:', 'rediss:'].includes(new URL(url).protocol)
  return valid
    ? []
    : ['REDIS_URL (or option redis.url) is no address of Redis: use redis://host:6379 or rediss://…']
}

function waitProblem(ms: number): string[] {
  if (ms === Number.POSITIVE_INFINITY || (Number.isInteger(ms) && ms >= 0)) return []
  return [
    `HOLDFAST_REDIS_WAIT_MS (or option redis.waitMs) is ${ms}: use milliseconds, a whole number from 0 on`,
  ]
}
