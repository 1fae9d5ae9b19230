import { Redis, type RedisOptions } from 'ioredis'
import { type Clock, systemClock } from '../clock.ts'
import { messageOf } from '../problem.ts'
import { accessOptions } from './ask-node.ts'
import { findMaster, findOwner } from './find-node.ts'
import { connectorTo } from './found-connector.ts'
import { type RedisHome, secretPlaceUrl, type UrlPlace } from './place.ts'

/** How long to wait before the n-th attempt to reconnect: quick at first, never more than 2 s. */
export const reconnectDelayMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), 2_000)

/**
 * Answers of a server that serves no more, or not us: another has become the master, or nobody has yet. Redis puts the
 * word first, or after what a script was at.
 */
const ELSEWHERE = /(?:^|: -)(?:READONLY|MOVED|CLUSTERDOWN)\b/

/** A master that became a replica keeps its connections: leave it, and take the refused command along. */
function reconnectOnError(error: Error): 2 | false {
  return ELSEWHERE.test(messageOf(error)) ? 2 : false
}

/** What a connection needs, spelled out: BullMQ takes no undefined values. */
export interface ConnectionSettings {
  readonly connectionName: string
  readonly connectTimeout: number
  readonly keepAlive: number
  readonly maxRetriesPerRequest: null
  readonly retryStrategy: (attempt: number) => number | null
  readonly reconnectOnError: (error: Error) => 2 | false
  readonly host?: string
  readonly port?: number
  readonly db?: number
  readonly username?: string
  readonly password?: string
  readonly tls?: Record<string, never>
  /** Finds the node, where no address is given. */
  readonly Connector?: ReturnType<typeof connectorTo>
}

/**
 * What every connection of ours is made of: to the one node that serves `home` at this moment, whether that is an address, a
 * Sentinel's master, or the owner of the prefix' slot in a Cluster. Named, reconnecting quickly and without end, waiting
 * as long as it takes. As ioredis and BullMQ take it.
 */
export function redisOptions(home: RedisHome, name: string, clock: Clock = systemClock): ConnectionSettings {
  return {
    ...addressOptions(home, clock),
    connectionName: name,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: null,
    retryStrategy: reconnectDelayMs,
    reconnectOnError,
  }
}

/**
 * A connection to where `home` is; what `more` says goes before the settings above. Failed attempts are not told: what
 * they mean is decided where commands fail.
 */
export function openRedis(home: RedisHome, name: string, more: RedisOptions = {}, clock?: Clock): Redis {
  const redis = new Redis({ ...redisOptions(home, name, clock), ...more })
  // Unheard, ioredis would print each.
  redis.on('error', () => {})
  return redis
}

/** What is needed of a connection to close it. */
export interface Closable {
  readonly status: string
  connect(): Promise<unknown>
  disconnect(): void
}

/** Closes for good; what still waits for Redis is rejected. */
export function closeRedis(redis: Closable): void {
  const betweenAttempts = redis.status === 'reconnecting'
  redis.disconnect()
  // Then there is no socket whose end would reject what waits, so it would wait for ever: it goes with this one.
  if (!betweenAttempts) return
  redis.connect().then(
    () => redis.disconnect(),
    () => {},
  )
}

function addressOptions({ redis: place, prefix }: RedisHome, clock: Clock) {
  if ('url' in place) return urlOptions(place)
  const isSentinel = 'sentinel' in place
  const { tls = false, ...access } = isSentinel ? place.sentinel : place.cluster
  const find = isSentinel ? findMaster(place, clock) : findOwner(place, prefix, clock)
  return {
    Connector: connectorTo({ find, tls, clock }),
    ...accessOptions({ ...access, tls }),
    ...(isSentinel && place.sentinel.db !== undefined ? { db: place.sentinel.db } : {}),
  }
}

function urlOptions(place: UrlPlace) {
  const url = new URL(secretPlaceUrl(place).reveal())
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: url.pathname.length > 1 ? Number(url.pathname.slice(1)) : 0,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  }
}
