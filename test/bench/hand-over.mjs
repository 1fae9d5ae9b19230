// How long the stream of events stands still while Slack moves a connection to another socket.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeSlackWorkspace } from '@holdfast/simulator'
import { largest, median, milliseconds, percentile, table } from './figures.mjs'
import { Gateway } from './gateway.mjs'
import { Platform } from './platform.mjs'
import { QueueWatch } from './queue-watch.mjs'

const PER_SECOND = 200
/** The gaps of this time before the change are the measure. */
const QUIET_MS = 20_000
/** Slack closes the old socket so long after it has said that it will. */
const FAREWELL_MS = 5_000
/** What belongs to the change: until the old socket is closed, and a second more. */
const AFTER_MS = 1_000
/** An envelope that was on its way to a socket as that one closed comes again after Slack's three seconds: not lost before. */
const LATE_MS = 5_000
const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

/**
 * @typedef {'socket-mode' | 'rtm'} Transport
 * @typedef {import('@holdfast/simulator').SimulatorAddresses} Addresses
 *
 * @param {{ runs: number }} options
 */
export async function measureHandOvers({ runs }) {
  const rows = []
  for (const transport of /** @type {const} */ (['socket-mode', 'rtm'])) {
    /** @type {Awaited<ReturnType<typeof measureChange>>[]} */
    const changes = []
    for (let run = 0; run < runs; run++) changes.push(await measureChange(transport))
    const name = transport === 'rtm' ? 'RTM, goodbye' : 'Socket Mode, refresh'
    const sum = (/** @type {'lostCount' | 'repeatedCount' | 'saidCount' | 'againCount'} */ what) =>
      changes.reduce((total, change) => total + change[what], 0)
    rows.push([
      name,
      changes.map(({ ratio }) => ratio.toFixed(2)).join(', '),
      median(changes.map(({ ratio }) => ratio)).toFixed(2),
      milliseconds(largest(changes.map(({ longestMs }) => longestMs))),
      milliseconds(median(changes.map(({ usualMs }) => usualMs))),
      `${sum('saidCount')}`,
      `${sum('lostCount')}`,
      `${sum('repeatedCount')}`,
      transport === 'rtm' ? '' : `${sum('againCount')}`,
    ])
  }
  console.log(
    `\nHand-overs at ${PER_SECOND} events/s: the longest gap between two events on the queue during the change, over the 99.9th percentile of the ${QUIET_MS / 1_000} s before it`,
  )
  console.log(
    table(
      [
        '',
        'ratio of each run',
        'median',
        'longest gap',
        'usual 99.9 %',
        'said',
        'lost',
        'repeated',
        'delivered again',
      ],
      rows,
    ),
  )
}

/** One connection, one change. @param {Transport} transport */
async function measureChange(transport) {
  const platform = new Platform()
  const prefix = `{bench-${randomUUID()}}`
  const queue = new QueueWatch(REDIS_URL, prefix, 'all')
  const at = await platform.start({
    limits: 'demo',
    slack: { workspaces: [makeSlackWorkspace({ bots: 1, channels: 20 })] },
  })
  const gateway = new Gateway(configuration(prefix, transport, at))
  const watching = new AbortController()
  try {
    await gateway.ready()
    const arriving = queue.arrivals(watching.signal)
    await platform.talk('slack', PER_SECOND)
    await sleep(QUIET_MS)
    const { fromAt, toAt } = await change(platform, transport)
    await sleep(AFTER_MS)
    await platform.talk('slack', 0)
    const said = (await platform.record('event')).map(({ text }) => text)
    await queue.until(said.length, LATE_MS)
    watching.abort()
    const arrivals = await arriving
    const usualMs = percentile(gapsBetween(arrivals, fromAt - QUIET_MS, fromAt), 99.9)
    const longestMs = largest(gapsBetween(arrivals, fromAt, toAt + AFTER_MS))
    const againCount = (await platform.record('envelope')).filter(
      ({ what, attempt }) => what === 'sent' && attempt > 0,
    ).length
    return { ratio: longestMs / usualMs, longestMs, usualMs, againCount, ...(await account(queue, said)) }
  } finally {
    await gateway.stop()
    platform.stop()
    await queue.clear()
  }
}

/** Makes the change; resolves, when the old socket is gone, with its times (Unix milliseconds). @param {Platform} platform @param {Transport} transport */
async function change(platform, transport) {
  const openBefore = (await platform.record('socket')).filter(({ what }) => what === 'opened').length
  const fault = transport === 'rtm' ? 'goodbye' : 'refresh'
  await platform.fault({ fault, platform: 'slack', forMs: FAREWELL_MS })
  const fromAt = (await platform.record('fault')).at(-1).at
  for (;;) {
    await sleep(50)
    const closed = (await platform.record('socket')).filter(({ what }) => what === 'closed')
    if (closed.length >= openBefore) return { fromAt, toAt: Math.max(...closed.map(({ at }) => at)) }
    if (Date.now() > fromAt + FAREWELL_MS * 4) throw new Error(`no socket was closed after ${fault}`)
  }
}

/** @param {readonly number[]} arrivals @param {number} fromAt @param {number} toAt */
function gapsBetween(arrivals, fromAt, toAt) {
  return arrivals
    .map((arrival, index) => ({ arrival, gapMs: arrival - (arrivals[index - 1] ?? arrival) }))
    .filter(({ arrival, gapMs }) => arrival >= fromAt && arrival - gapMs <= toAt)
    .map(({ gapMs }) => gapMs)
}

/** What is on the queue, against the platform's own record. @param {QueueWatch} queue @param {readonly string[]} said */
async function account(queue, said) {
  const texts = (await queue.payloads()).map(({ data }) => data.text)
  const queued = new Set(texts)
  return {
    saidCount: said.length,
    lostCount: said.filter((text) => !queued.has(text)).length,
    repeatedCount: texts.length - queued.size,
  }
}

/** @param {string} prefix @param {Transport} transport @param {Addresses} at */
function configuration(prefix, transport, at) {
  const bot = at.slack.bots[0]
  const tokens =
    transport === 'rtm'
      ? `transport: rtm, botToken: ${bot?.token}`
      : `transport: socket-mode, appToken: ${bot?.appToken}, botToken: ${bot?.token}`
  return [
    `redis: { url: '${REDIS_URL}', prefix: '${prefix}' }`,
    'http: { port: 0 }',
    'connections:',
    `  - { id: bench, platform: slack, ${tokens}, apiUrl: '${at.slackApiUrl}' }`,
    'subscriptions:',
    "  - { name: all, events: ['slack.message'], maxWaiting: 10000000 }",
  ].join('\n')
}
