// `npm run bench`: set-up, a private Redis, then the throughput of the queue beside plain BullMQ. Quiet machines only.
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT, run, setUp } from './setup.mjs'

await setUp()
const { obtainRedis } = await import(pathToFileURL(join(ROOT, 'packages/local-redis/dist/index.js')).href)
const redis = await obtainRedis({ folder: join(ROOT, '.holdfast/redis') })
env.REDIS_URL = redis.url
try {
  process.exitCode = await run(execPath, [join(ROOT, 'test/bench/throughput.mjs')])
} finally {
  await redis.stop()
}
