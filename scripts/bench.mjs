// `npm run bench`: set-up, a private Redis, then the throughput of the queue beside plain BullMQ. Quiet machines only.
// `npm run bench -- connections …` measures the connections instead: see test/bench/connections.mjs for its words.
// `npm run bench -- lanes` and `-- steps` measure what these cost a worker.
import { join } from 'node:path'
import { argv, env, execPath } from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT, run, setUp } from './setup.mjs'
import { readWords } from './words.mjs'

const USAGE = `npm run bench -- [throughput]
Measures the throughput of the queue beside plain BullMQ. Quiet machines only.

npm run bench -- lanes | steps
Measures what the order of conversations, or steps, cost a worker, beside plain BullMQ. About two minutes each.

npm run bench -- connections [heartbeats] [hand-over] [OPTION …]
Measures what connections cost under load, and how they change over; both, unless one is named. About eight minutes.

  --shards N    in the one gateway process; 16 by default
  --seconds N   how long each run of the heartbeats is watched; 60 by default
  --rate N      events per second under load; 2000 by default
  --interval N  seconds between heartbeats; 5 by default
  --runs N      changes of each kind; 5 by default`

const FIGURE = { least: 1 }
const TAKES = {
  throughput: { subjects: ['throughput', 'lanes', 'steps', 'connections'] },
  lanes: {},
  steps: {},
  connections: {
    subjects: ['heartbeats', 'hand-over'],
    options: { shards: FIGURE, seconds: FIGURE, rate: FIGURE, interval: FIGURE, runs: FIGURE },
  },
}

const [first, ...rest] = argv.slice(2)
const what = first === 'connections' || first === 'lanes' || first === 'steps' ? first : 'throughput'
const words = first === what ? rest : argv.slice(2)
readWords({ name: 'bench', usage: USAGE, words, ...TAKES[what] })
const isOfHandlers = what === 'lanes' || what === 'steps'
const program = isOfHandlers ? 'handlers' : what

await setUp()
const { obtainRedis } = await import(pathToFileURL(join(ROOT, 'packages/local-redis/dist/index.js')).href)
const redis = await obtainRedis({ folder: join(ROOT, '.holdfast/redis') })
env.REDIS_URL = redis.url
try {
  process.exitCode = await run(execPath, [
    join(ROOT, `test/bench/${program}.mjs`),
    ...(isOfHandlers ? [what] : words),
  ])
} finally {
  await redis.stop()
}
