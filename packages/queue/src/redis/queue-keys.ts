import type { Redis } from 'ioredis'
import type { Layout } from '../layout.ts'

const SCAN_COUNT = 1_000

/** Removes all keys of a queue, BullMQ's and ours, a few at a time, so that nobody else waits. */
export async function discardQueue(redis: Redis, names: Layout, queue: string): Promise<void> {
  const match = `${names.base(queue).replaceAll(/[*?[\]\\]/g, '\\$&')}*`
  for await (const keys of redis.scanStream({ match, count: SCAN_COUNT }))
    if (keys.length > 0) await redis.unlink(keys as string[])
}
