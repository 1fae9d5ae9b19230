import type { Redis } from 'ioredis'
import { LAYOUT_VERSION, LAYOUT_WITH_PARTITIONS, layout } from '../layout.ts'
import { QueueError } from '../problem.ts'

const READABLE: ReadonlySet<string> = new Set([LAYOUT_VERSION, LAYOUT_WITH_PARTITIONS].map(String))

/** Refuses to work on data of another layout; writes ours where there is none. */
export async function claimLayout(redis: Redis, prefix: string): Promise<void> {
  // Looked at first, since a full Redis refuses even the write that would change nothing.
  const found = await redis.get(layout(prefix).version)
  if (found === null) await redis.setnx(layout(prefix).version, LAYOUT_VERSION)
  await checkLayout(redis, prefix)
}

/** As `claimLayout`, for those who only read: where there is no data yet there is nothing to refuse. */
export async function checkLayout(redis: Redis, prefix: string): Promise<void> {
  const found = await redis.get(layout(prefix).version)
  if (found === null || READABLE.has(found)) return
  throw new QueueError(
    'layout',
    `Redis holds data of layout ${found} under ${prefix}; this version reads layout ${LAYOUT_VERSION}. Run the version that wrote it, or choose another redis.prefix.`,
  )
}
