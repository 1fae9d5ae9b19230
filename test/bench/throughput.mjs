// What the queue costs: rates of Holdfast beside those of plain BullMQ, in one run on one Redis (REDIS_URL).
import { randomUUID } from 'node:crypto'
import { createRedisSink, createRedisSource } from '@holdfast/queue'
import { Queue, Worker } from 'bullmq'

const COUNT = 10_000
const ROUNDS = 3
const { hostname, port } = new URL(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const redis = { url: `redis://${hostname}:${port || 6379}` }
const connection = { host: hostname, port: Number(port || 6379) }
const data = { text: 'x'.repeat(900) }

/** @param {number} n @param {number} lanes */
const event = (n, lanes) => ({
  id: `e.${n}`,
  type: 'slack.message',
  subject: `c.${n % lanes}`,
  delivery: /** @type {const} */ ('live'),
  dedupeWindowMs: 600_000,
  interactive: false,
  text: JSON.stringify({ id: `e.${n}`, data }),
})

const numbers = Array.from({ length: COUNT }, (_, n) => n)
/** @param {number} beganMs */
const rateSince = (beganMs) => Math.round((COUNT * 1_000) / (performance.now() - beganMs))

/** Counts to COUNT, then resolves. */
function counter() {
  let count = 0
  /** @type {() => void} */
  let reached = () => {}
  const all = /** @type {Promise<void>} */ (new Promise((resolve) => (reached = resolve)))
  return { all, one: () => (++count === COUNT ? reached() : undefined) }
}

/** @param {string} prefix @param {number} lanes */
async function enqueue(prefix, lanes) {
  const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
  await sink.start()
  const beganMs = performance.now()
  await Promise.all(numbers.map((n) => sink.enqueue({ event: event(n, lanes), subscriptions: ['all'] })))
  const rate = rateSince(beganMs)
  await sink.stop()
  return rate
}

/** @param {string} prefix @param {number} concurrency */
async function drain(prefix, concurrency) {
  const { all, one } = counter()
  const run = async () => {
    one()
    return { kind: /** @type {const} */ ('completed') }
  }
  const source = createRedisSource({ redis, prefix, subscription: 'all', concurrency, run })
  const beganMs = performance.now()
  await source.start()
  await all
  const rate = rateSince(beganMs)
  await source.stop()
  return rate
}

/** @param {number} lanes @param {number} concurrency */
async function holdfast(lanes, concurrency) {
  const prefix = `{bench-${randomUUID()}}`
  const first = createRedisSource({
    redis,
    prefix,
    subscription: 'all',
    concurrency: 1,
    run: async () => ({ kind: 'completed' }),
  })
  await first.start()
  await first.stop()
  return { add: await enqueue(prefix, lanes), take: await drain(prefix, concurrency) }
}

/** @param {number} concurrency */
async function plain(concurrency) {
  const prefix = `{bench-${randomUUID()}}`
  const queue = new Queue('all', { connection, prefix })
  const beganMs = performance.now()
  for (let at = 0; at < COUNT; at += 100) {
    const batch = numbers.slice(at, at + 100)
    await queue.addBulk(
      batch.map((n) => {
        const id = `e.${n}`
        return {
          name: 'slack.message',
          data: { id, data },
          opts: { jobId: id, deduplication: { id, ttl: 600_000 } },
        }
      }),
    )
  }
  const add = rateSince(beganMs)
  const { all, one } = counter()
  const takingMs = performance.now()
  const worker = new Worker('all', async () => one(), {
    connection,
    prefix,
    concurrency,
    removeOnComplete: { count: 0 },
  })
  await all
  const take = rateSince(takingMs)
  await worker.close()
  await queue.close()
  return { add, take }
}

const CASES = /** @type {const} */ ([
  ['plain BullMQ, concurrency 1', () => plain(1)],
  ['plain BullMQ, concurrency 50', () => plain(50)],
  ['Holdfast, 10,000 conversations, concurrency 50', () => holdfast(COUNT, 50)],
  ['Holdfast, 200 conversations, concurrency 50', () => holdfast(200, 50)],
  ['Holdfast, one conversation, concurrency 50', () => holdfast(1, 50)],
])

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

console.log(`${COUNT} events of 1 KB, no-op handlers, median of ${ROUNDS} rounds, events per second`)
console.log('| | enqueued with deduplication | handled |')
console.log('| --- | --- | --- |')
for (const [name, run] of CASES) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await run())
  console.log(
    `| ${name} | ${median(rounds.map(({ add }) => add))} | ${median(rounds.map(({ take }) => take))} |`,
  )
}
