import type { Redis } from 'ioredis'

/** The names of all connections to Redis. Rejects where Redis does not list its clients. */
export async function connectedNames(redis: Redis): Promise<readonly string[]> {
  const list = String(await redis.client('LIST'))
  return [...list.matchAll(/ name=(\S*)/g)].map((match) => match[1] ?? '')
}

/** Whether a connection is a worker's. Names are parts divided by colons; an id may have colons of its own. */
export const bears = (name: string, workerId: string): boolean => `:${name}:`.includes(`:${workerId}:`)
