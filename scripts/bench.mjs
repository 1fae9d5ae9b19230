// `npm run bench`: set-up, a private Redis, then the throughput of the queue beside plain BullMQ. Quiet machines only.
// `npm run bench -- connections …` measures the connections instead: see test/bench/connections.mjs for its words.
import { join } from 'node:path'
import { argv, env, execPath } from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT, run, setUp } from './setup.mjs'

const [what = 'throughput', ...words] = argv.slice(2)
if (what !== 'throughput' && what !== 'connections') {
  console.error(`holdfast: there is no bench "${what}": use throughput (the default) or connections`)
  process.exit(2)
}

await setUp()
const { obtainRedis } = await import(pathToFileURL(join(ROOT, 'packages/local-redis/dist/index.js')).href)
const redis = await obtainRedis({ folder: join(ROOT, '.holdfast/redis') })
env.REDIS_URL = redis.url
try {
  process.exitCode = await run(execPath, [join(ROOT, `test/bench/${what}.mjs`), ...words])
} finally {
  await redis.stop()
}
