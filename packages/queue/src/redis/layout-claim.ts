import type { Redis } from 'ioredis'
import { LAYOUT_VERSION, layout } from '../layout.ts'
import { QueueError } from '../problem.ts'

/** Refuses to work on data of another layout; writes ours where there is none. */
export async function claimLayout(redis: Redis, prefix: string): Promise<void> {
  const key = layout(prefix).version
  await redis.setnx(key, LAYOUT_VERSION)
  const found = await redis.get(key)
  if (found === String(LAYOUT_VERSION)) return
  throw new QueueError(
    'layout',
    `Redis holds data of layout ${found} under ${prefix}; this version reads layout ${LAYOUT_VERSION}. Run the version that wrote it, or choose another redis.prefix.`,
  )
}
