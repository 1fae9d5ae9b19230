// One measurement of a queue: so many events are put on it, then one worker takes them all. Holdfast through its SDK, or plain BullMQ.
import { randomUUID } from 'node:crypto'
import { EVENT_VERSION, encodeEvent } from '@holdfast/events'
import { createRedisSink } from '@holdfast/queue'
import { createWorker } from '@holdfast/worker'
import { Queue, Worker } from 'bullmq'

const { hostname, port } = new URL(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const redis = { url: `redis://${hostname}:${port || 6379}` }
const connection = { host: hostname, port: Number(port || 6379) }
const text = 'x'.repeat(900)
/** @type {import('@holdfast/worker').WorkerLog} */
const quietLog = { debug() {}, info() {}, warn() {}, error: console.error, child: () => quietLog }
const PUT_AT_ONCE = 1_000

/**
 * @typedef {object} Case
 * @property {number} count how many events
 * @property {number} conversations over which they are spread evenly
 * @property {number} concurrency
 * @property {number} steps of each handler; each remembers a small result
 * @property {'conversation' | 'none'} [order]
 */

/** Counts to `count`, then resolves. @param {number} count */
function counter(count) {
  let left = count
  /** @type {() => void} */
  let reached = () => {}
  const all = /** @type {Promise<void>} */ (new Promise((resolve) => (reached = resolve)))
  return { all, one: () => (--left === 0 ? reached() : undefined) }
}

/** @param {number} n @param {number} conversations */
function eventOf(n, conversations) {
  const [id, subject] = [`bench~${n}`, `slack.C${n % conversations}`]
  /** @type {import('@holdfast/events').EventAttributes} */
  const attributes = {
    specversion: '1.0',
    id,
    source: '/slack/bench',
    type: 'slack.message',
    subject,
    datacontenttype: 'application/json',
    hfversion: EVENT_VERSION,
    platform: 'slack',
    connection: 'bench',
    receivedat: new Date().toISOString(),
    delivery: 'live',
  }
  const { type, delivery } = attributes
  const dataText = JSON.stringify({ text })
  return {
    ...{ id, subject, type, delivery, dedupeWindowMs: 600_000, interactive: false },
    text: encodeEvent(attributes, dataText),
  }
}

/**
 * Events a second that a worker of the SDK handles, once all are on the queue.
 * @param {Case} asked
 */
export async function holdfastRate({ count, conversations, concurrency, steps, order = 'conversation' }) {
  const prefix = `{bench-${randomUUID()}}`
  const sink = createRedisSink({ redis, prefix, bounds: () => ({ order, maxWaiting: 2 * count }) })
  await sink.start()
  for (let at = 0; at < count; at += PUT_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(PUT_AT_ONCE, count - at) }, (_, n) => at + n)
    const items = numbers.map((n) => ({ event: eventOf(n, conversations), subscriptions: ['all'] }))
    await Promise.all(items.map((item) => sink.enqueue(item)))
  }
  await sink.stop()
  const { all, one } = counter(count)
  const worker = createWorker({
    ...{ subscription: 'all', concurrency, order, platforms: {}, log: quietLog },
    redis: { ...redis, prefix },
  })
  worker.on('slack.message', async (_event, ctx) => {
    for (let step = 1; step <= steps; step += 1) await ctx.step(`${step}`, () => step)
    one()
  })
  const beganMs = performance.now()
  await worker.start()
  await all
  const rate = (count * 1_000) / (performance.now() - beganMs)
  await worker.stop()
  return rate
}

/**
 * The same with BullMQ alone: no order, and steps that are remembered by hand, in the job's data.
 * @param {Case} asked
 */
export async function plainRate({ count, concurrency, steps }) {
  const prefix = `{bench-${randomUUID()}}`
  const queue = new Queue('all', { connection, prefix })
  for (let at = 0; at < count; at += PUT_AT_ONCE) {
    const jobs = Array.from({ length: Math.min(PUT_AT_ONCE, count - at) }, (_, n) => {
      const event = eventOf(at + n, 1)
      const opts = { jobId: event.id, deduplication: { id: event.id, ttl: 600_000 } }
      return { name: event.type, data: JSON.parse(event.text), opts }
    })
    await queue.addBulk(jobs)
  }
  const { all, one } = counter(count)
  const beganMs = performance.now()
  const worker = new Worker(
    'all',
    async (job) => {
      for (let step = 1; step <= steps; step += 1)
        await job.updateData({ ...job.data, [`step ${step}`]: step })
      one()
    },
    { connection, prefix, concurrency, removeOnComplete: { count: 0 } },
  )
  await all
  const rate = (count * 1_000) / (performance.now() - beganMs)
  await worker.close()
  await queue.close()
  return rate
}
