// A worker process whose jobs do what the test asks: hang, or block the event loop. Tells its parent what happens.
import { createRedisSource } from '@holdfast/queue'

const { redis, prefix, subscription, lockMs, sweepMs, behaviour } = JSON.parse(process.argv[2] ?? '{}')
/** @param {string} kind */
const tell = (kind, facts = {}) => process.send?.({ kind, pid: process.pid, atMs: Date.now(), ...facts })
/** @param {number} ms @returns {Promise<void>} */
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @param {number} ms */
function block(ms) {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** @type {Record<string, () => Promise<void>>} */
const behaviours = {
  hang: () => new Promise(() => {}),
  complete: async () => {},
  block: async () => {
    await after(behaviour.startMs)
    block(behaviour.blockMs)
    await after(behaviour.restMs)
  },
}

const source = createRedisSource({
  redis,
  prefix,
  subscription,
  concurrency: 5,
  lockMs,
  sweepMs,
  run: async (job) => {
    tell('start', { id: job.id, attempt: job.attempt, deathCount: job.deathCount })
    await behaviours[behaviour.kind]?.()
    tell('end', { id: job.id })
    return { kind: 'completed' }
  },
  onProblem: (problem) => tell('problem', problem),
})
await source.start()
tell('ready')
process.on('message', async (message) => {
  if (message !== 'stop') return
  await source.stop()
  process.disconnect()
})
