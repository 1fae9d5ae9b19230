import { Redis } from 'ioredis'

const SCAN_COUNT = 1_000

/** Removes all keys that begin with `prefix`, a few at a time, so that nobody else waits. */
export async function discardKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  try {
    const pattern = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}*`
    for await (const keys of redis.scanStream({ match: pattern, count: SCAN_COUNT })) {
      if (keys.length > 0) await redis.unlink(keys as string[])
    }
  } finally {
    redis.disconnect()
  }
}
