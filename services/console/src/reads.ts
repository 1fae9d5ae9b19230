import { listNodes, type RedisHome, type RedisPlace, secretPlaceUrl } from '@holdfast/runtime'
import type { Reads } from './feed.ts'

const DEFAULT_PORT = '6379'

/** What may be told of where Redis is: no user, no password, and none of its options. */
export function readsOf({ redis, prefix }: RedisHome): Reads {
  return { redis: shown(redis), prefix }
}

function shown(place: RedisPlace): string {
  if ('sentinel' in place) return `${place.sentinel.name} of ${listNodes(place.sentinel.nodes)}`
  if ('cluster' in place) return `cluster ${listNodes(place.cluster.nodes)}`
  const { protocol, hostname, port, pathname } = new URL(secretPlaceUrl(place).reveal())
  const database = pathname === '/' ? '' : pathname
  return `${protocol}//${hostname}:${port || DEFAULT_PORT}${database}`
}
