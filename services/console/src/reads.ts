import type { Reads } from './feed.ts'

const DEFAULT_PORT = '6379'

/** What may be told of the Redis at `url`: no user, no password, and none of its options. */
export function readsOf(url: string, prefix: string): Reads {
  const { protocol, hostname, port, pathname } = new URL(url)
  const database = pathname === '/' ? '' : pathname
  return { redis: `${protocol}//${hostname}:${port || DEFAULT_PORT}${database}`, prefix }
}
