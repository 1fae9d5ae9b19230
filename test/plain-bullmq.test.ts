import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type OutgoingEvent, type Reading, readDiscordDispatch, readSlackRtmFrame } from '@holdfast/events'
import { createRedisSink, createRegistry } from '@holdfast/queue'
import { createSimulator } from '@holdfast/simulator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { startBot } from '../examples/plain-bullmq/src/bot.js'

/* What docs/other-languages.md tells those who read the queue without our SDK, by the example that does so. */

const schema = readFileSync(
  new URL('../packages/events/schema/event.v1.schema.json', import.meta.url),
  'utf8',
)
const isEvent = new Ajv2020({ strict: true }).compile(JSON.parse(schema))
const origin = {
  connection: 'acme',
  bot: 'A1',
  receivedAt: Date.UTC(2026, 0, 1),
  delivery: 'live',
  nonce: 'n',
} as const

function eventOf(reading: Reading): OutgoingEvent {
  if (reading.kind !== 'event') throw new Error(`no event: ${reading.kind}`)
  return reading.event
}

function message(channel: string, text: string, index: number): OutgoingEvent {
  const frame = { type: 'message', channel, user: 'U1', text, ts: `1767225600.00010${index}` }
  return eventOf(readSlackRtmFrame(JSON.stringify(frame), { ...origin, teamId: 'T1' }))
}

test('a plain BullMQ worker answers on both platforms, once and in order; what it fails at is a dead letter at once', async () => {
  const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
  const home = { redis: { url: redisUrl }, prefix: `{plain-${randomUUID()}}` }
  const redis = new Redis(redisUrl)
  const simulator = createSimulator()
  const at = await simulator.start()
  const registry = createRegistry(home)
  const sink = createRedisSink({ ...home, bounds: () => undefined })
  await Promise.all([registry.declareFixed([{ name: 'plain', patterns: ['*'] }]), sink.start()])
  const [slack, discord] = [at.slack.channels[0]?.id ?? '', at.discord.channels[0]?.id ?? '']
  const said = ['one', 'two', 'three']
  const events = said.flatMap((text, index) => [
    eventOf(
      readSlackRtmFrame(
        JSON.stringify({ type: 'message', channel: slack, user: 'U1', text, ts: `1767225600.00010${index}` }),
        { ...origin, teamId: 'T1' },
      ),
    ),
    eventOf(
      readDiscordDispatch(
        {
          type: 'MESSAGE_CREATE',
          sequence: index,
          dataText: JSON.stringify({
            id: `145600000000000000${index}`,
            channel_id: discord,
            content: text,
            author: { id: '5' },
          }),
        },
        { ...origin, shard: 0, sessionId: 's' },
      ),
    ),
  ])
  for (const event of events)
    expect(isEvent(JSON.parse(event.text)), JSON.stringify(isEvent.errors)).toBe(true)
  const nowhere = message('C0', 'to nobody', 9)
  await Promise.all([nowhere, ...events].map((event) => sink.enqueue({ event, subscriptions: ['plain'] })))

  const bot = startBot({
    redisUrl,
    prefix: home.prefix,
    subscription: 'plain',
    slack: { apiUrl: at.slackApiUrl, token: at.slack.bots[0]?.token ?? '' },
    discord: { apiUrl: at.discordApiUrl, token: at.discord.bots[0]?.token ?? '' },
  })
  onTestFinished(async () => {
    await Promise.all([bot.stop(), sink.stop(), registry.stop()])
    redis.disconnect()
    await simulator.stop()
  })
  const answered = (platform: string) =>
    simulator.record
      .of('post')
      .filter((post) => post.platform === platform)
      .map(({ text }) => text)
  const expected = said.map((text) => `you said ${text}`)
  await expect
    .poll(() => [answered('slack'), answered('discord')], { timeout: 10_000 })
    .toEqual([expected, expected])
})
