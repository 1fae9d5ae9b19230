// What the connections cost and how they change over, against the simulator in a process of its own and a real Redis
// (REDIS_URL). Quiet machines only. Words: `heartbeats` and `hand-over`, both by default.
//   --shards N    in the one gateway process (16)
//   --seconds N   how long each run of the heartbeats is watched (60)
//   --rate N      events per second under load (2000)
//   --interval N  seconds between heartbeats (5): Discord's 41.25 would give too few in a minute
//   --runs N      changes of each kind (5)
import { parseArgs } from 'node:util'
import { measureHandOvers } from './hand-over.mjs'
import { measureHeartbeats } from './heartbeats.mjs'

const TEXT = /** @type {const} */ ({ type: 'string' })
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shards: TEXT, seconds: TEXT, rate: TEXT, interval: TEXT, runs: TEXT },
})
const wanted = positionals.length === 0 ? ['heartbeats', 'hand-over'] : positionals

console.log(`${new Date().toISOString()}, Node ${process.version}`)
if (wanted.includes('heartbeats')) {
  await measureHeartbeats({
    shards: Number(values.shards ?? 16),
    seconds: Number(values.seconds ?? 60),
    perSecond: Number(values.rate ?? 2_000),
    intervalMs: Number(values.interval ?? 5) * 1_000,
  })
}
if (wanted.includes('hand-over')) await measureHandOvers({ runs: Number(values.runs ?? 5) })
