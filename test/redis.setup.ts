import { join } from 'node:path'
import { obtainRedis } from '@holdfast/local-redis'

/**
 * One Redis for the whole test run, told to every suite through `REDIS_URL`: the one named there already, else a
 * private one that ends with the run. Suites share it, so each uses a key prefix of its own.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = join(import.meta.dirname, '..', '.holdfast', 'redis')
  const redis = await obtainRedis({ folder, log: (line) => console.log(`test redis: ${line}`) })
  process.env.REDIS_URL = redis.url
  return () => redis.stop()
}
