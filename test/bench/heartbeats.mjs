// How late heartbeats reach Discord: one gateway process with 16 shards, once in silence and once under load.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDiscordPopulation } from '@holdfast/simulator'
import { largest, milliseconds, percentile, table } from './figures.mjs'
import { Gateway } from './gateway.mjs'
import { HeartbeatTap } from './heartbeat-tap.mjs'
import { Platform } from './platform.mjs'
import { QueueWatch } from './queue-watch.mjs'

const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

/**
 * @typedef {object} HeartbeatOptions
 * @property {number} shards
 * @property {number} seconds how long each run is watched
 * @property {number} perSecond events in all under load
 * @property {number} intervalMs between two heartbeats of a shard; Discord's own is 41,250
 *
 * @param {HeartbeatOptions} options
 */
export async function measureHeartbeats({ shards, seconds, perSecond, intervalMs }) {
  const rows = []
  for (const [name, rate] of /** @type {const} */ ([
    ['silence', 0],
    [`${perSecond} events/s`, perSecond],
  ])) {
    const run = await watchHeartbeats({ shards, seconds, perSecond: rate, intervalMs })
    const share = (/** @type {number} */ percent) =>
      `${((percentile(run.lateMs, percent) * 100) / intervalMs).toFixed(2)} %`
    rows.push([
      name,
      `${run.lateMs.length}`,
      milliseconds(percentile(run.lateMs, 50)),
      milliseconds(percentile(run.lateMs, 99)),
      share(99),
      milliseconds(largest(run.lateMs)),
      `${run.saidCount} said, ${run.queuedCount} queued, ${run.enqueuedShare.toFixed(0)}/s`,
    ])
  }
  console.log(
    `Heartbeats of ${shards} shards in one gateway process, interval ${intervalMs / 1_000} s, ${seconds} s watched, late against the one before plus the interval, as seen in front of the platform`,
  )
  console.log(
    table(['', 'heartbeats', 'late, median', 'late, 99 %', 'of the interval', 'worst', 'events'], rows),
  )
}

/** @param {HeartbeatOptions} options */
async function watchHeartbeats({ shards, seconds, perSecond, intervalMs }) {
  const platform = new Platform()
  const prefix = `{bench-${randomUUID()}}`
  const queue = new QueueWatch(REDIS_URL, prefix, 'all')
  const at = await platform.start({
    limits: 'demo',
    record: { bound: 1_000 },
    discord: {
      population: makeDiscordPopulation({ bots: 1, guilds: shards, channels: 1 }),
      limits: { heartbeatIntervalMs: intervalMs, maxConcurrency: shards, recommendedShardCount: shards },
    },
  })
  const tap = new HeartbeatTap(Number(new URL(at.url).port))
  const port = await tap.listen()
  const apiUrl = new URL(at.discordApiUrl)
  apiUrl.port = String(port)
  const gateway = new Gateway(configuration(prefix, shards, `${apiUrl}`, at.discord.bots[0]?.token ?? ''))
  try {
    await gateway.ready()
    const greetedCount = await queue.count()
    const beganMs = performance.now()
    await platform.talk('discord', perSecond)
    await sleep(seconds * 1_000)
    const endedMs = performance.now()
    await platform.talk('discord', 0)
    const saidCount = await platform.talk('discord', 0)
    await queue.until(greetedCount + saidCount, 1_000)
    const queuedCount = (await queue.count()) - greetedCount
    const lateMs = tap.sockets.flatMap((times) => lateness(times, intervalMs, beganMs, endedMs))
    return { lateMs, saidCount, queuedCount, enqueuedShare: (queuedCount * 1_000) / (endedMs - beganMs) }
  } finally {
    await gateway.stop()
    tap.stop()
    platform.stop()
    await queue.clear()
  }
}

/**
 * How much later than the interval each heartbeat came after the one before it; early ones are not late.
 * @param {readonly number[]} times
 * @param {number} intervalMs
 * @param {number} fromMs
 * @param {number} toMs
 */
function lateness(times, intervalMs, fromMs, toMs) {
  return times
    .map((time, index) => ({ time, before: times[index - 1] }))
    .filter(({ time, before }) => before !== undefined && time >= fromMs && time <= toMs)
    .map(({ time, before = time }) => Math.max(0, time - before - intervalMs))
}

/** @param {string} prefix @param {number} shards @param {string} apiUrl @param {string} token */
function configuration(prefix, shards, apiUrl, token) {
  return [
    `redis: { url: '${REDIS_URL}', prefix: '${prefix}' }`,
    'http: { port: 0 }',
    'connections:',
    `  - { id: bench, platform: discord, token: ${token}, intents: [GUILDS, GUILD_MESSAGES, MESSAGE_CONTENT], shards: ${shards}, apiUrl: '${apiUrl}' }`,
    'subscriptions:',
    "  - { name: all, events: ['discord.MESSAGE_CREATE'], maxWaiting: 10000000 }",
  ].join('\n')
}
