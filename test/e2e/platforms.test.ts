import { createRedisCheckpointStore } from '@holdfast/ownership'
import { describe, expect, test } from 'vitest'
import { discordPayloads, type SlackEnvelope, slackEnvelopes, slackFrames } from './corpus.ts'
import { type QueuedEvent, textOf } from './queued-events.ts'
import {
  CONNECTIONS,
  type ConnectionName,
  EVERYTHING,
  numbered,
  Stage,
  slackRtm,
  slackSocketMode,
} from './stage.ts'

/*
 * Nothing lost, nothing twice, every gap announced: from the platform's socket to the queue, with the built gateway in a
 * process of its own. Nobody works on the queues, so all that ever came is still there to be looked at.
 */

/** Frames of RTM that say nothing that happened. */
const NO_EVENTS: Readonly<Record<string, string>> = {
  hello: 'the socket is open',
  goodbye: 'the socket will be closed',
  reconnect_url: 'carries no event',
  pong: 'an answer to a ping',
  reply: 'an answer to something the bot sent',
}

/** What came of a connection between two messages, oldest first. */
function between(events: readonly QueuedEvent[], from: string, to: string): QueuedEvent[] {
  const indexOf = (text: string) => events.findIndex((event) => textOf(event) === text)
  return events.slice(indexOf(from) + 1, indexOf(to))
}

const messagesOf = (events: readonly QueuedEvent[], connection: ConnectionName): unknown[] =>
  events
    .filter((event) => event.connection === connection && /\.(message|MESSAGE_CREATE)$/.test(event.type))
    .map(textOf)

interface Destination {
  readonly queue: string
  readonly type: string
  /** Parsed. */
  readonly data: unknown
}

/** Where an envelope must end: on which queue, as which event; nowhere where it says nothing that happened. */
function destinationOf({ type, payload }: SlackEnvelope): Destination | undefined {
  const data = JSON.parse(payload)
  const { type: kind, command, event } = data
  if (type === 'interactive') return { queue: 'all.interactive', type: `slack.interactive.${kind}`, data }
  if (type === 'slash_commands' && command)
    return { queue: 'all.interactive', type: 'slack.slash_commands', data }
  if (type !== 'events_api') return { queue: 'all', type: `slack.envelope.${type}`, data }
  if (kind === 'url_verification') return undefined
  if (kind === 'event_callback') return { queue: 'all', type: `slack.${event.type}`, data: event }
  return { queue: 'all', type: `slack.${kind}`, data }
}

describe('every payload goes through unchanged, in order, and none is dropped', () => {
  test('each recorded frame of Slack RTM, but for those that are no events', async () => {
    const stage = await Stage.open({ connections: ['slack-a'] })
    const gateway = await stage.startGateway()
    await stage.settle('first')
    const frames = [
      ...slackFrames(),
      { type: 'pong', text: '{"reply_to":999999,"type":"pong"}' },
      { type: 'reply', text: '{"ok":true,"reply_to":7,"ts":"1790000001.000100","text":"hi"}' },
      { type: 'reply', text: '{"ok":false,"reply_to":8,"error":{"code":2,"msg":"message text is missing"}}' },
    ]
    for (const { text } of frames) stage.simulator.slack.sendFrame(stage.botOf('slack-a'), text)
    await stage.settle('last')

    const events = between(await stage.queued.of('all', 'slack-a'), 'first', 'last')
    const expected = frames.filter(({ type }) => NO_EVENTS[type] === undefined)
    expect(expected.length).toBeGreaterThan(10)
    expect(events.map(({ type }) => type)).toEqual(expected.map(({ type }) => `slack.${type}`))
    expect(events.map(({ data }) => data)).toEqual(expected.map(({ text }) => JSON.parse(text)))
    for (const [index, { text }] of expected.entries())
      expect(events[index]?.text.endsWith(`,"data":${text}}`), text).toBe(true)
    expect(await gateway.count('holdfast_events_received_total')).toBe(expected.length + 2)
    expect(await gateway.count('holdfast_frames_malformed_total')).toBe(0)
    console.log(
      `Slack RTM: ${expected.length} of ${frames.length} frames are events, and all are on the queue`,
    )
  })

  test('each recorded dispatch of Discord, numbers beyond 2^53 included', async () => {
    const stage = await Stage.open({ connections: ['discord-a'] })
    const gateway = await stage.startGateway()
    await stage.settle('first')
    const payloads = [
      ...discordPayloads(),
      {
        t: 'MESSAGE_UPDATE',
        d: '{"id":"7", "big" : 90071992547409931234,"e":1.10,"ünï":"\\u00e9\\/","a":{},"a":[ ]}',
      },
    ]
    for (const payload of payloads)
      stage.simulator.discord.dispatch({ ...payload, bot: stage.botOf('discord-a') })
    await stage.settle('last')

    const ordered = between(await stage.queued.of('all', 'discord-a'), 'first', 'last')
    const interactive = await stage.queued.of('all.interactive', 'discord-a')
    const isInteraction = ({ t }: { t: string }) => t === 'INTERACTION_CREATE'
    for (const [events, expected] of [
      [ordered, payloads.filter((payload) => !isInteraction(payload))],
      [interactive, payloads.filter(isInteraction)],
    ] as const) {
      expect(expected.length).toBeGreaterThan(0)
      expect(events.map(({ type }) => type)).toEqual(expected.map(({ t }) => `discord.${t}`))
      expect(events.map(({ data }) => data)).toEqual(expected.map(({ d }) => JSON.parse(d)))
      for (const [index, { d }] of expected.entries())
        expect(events[index]?.text.endsWith(`,"data":${d}}`), d).toBe(true)
    }
    expect(await gateway.count('holdfast_frames_malformed_total')).toBe(0)
    console.log(
      `Discord: ${ordered.length + interactive.length} of ${payloads.length} dispatches are on the queues`,
    )
  })
})

describe('every payload that comes in an envelope', () => {
  test('of Slack’s Socket Mode goes through unchanged, once, and is acknowledged', async () => {
    const stage = await Stage.open({
      connections: [],
      moreConnections: (at) => [`  - { id: socket, ${slackSocketMode(at, 1)} }`],
    })
    const gateway = await stage.startGateway()
    const sent = slackEnvelopes()
    for (const { type, payload } of sent)
      stage.simulator.slack.sendEnvelope(stage.botOf('slack-a'), type, payload)
    stage.say('last')
    await stage.queued.until('all', 'last', ['socket'])

    for (const queue of ['all', 'all.interactive']) {
      const arrived = await stage.queued.of(queue)
      // A minute of too many events is announced as a gap as well.
      const events = arrived.filter((event) => event.type !== 'holdfast.gap' && textOf(event) !== 'last')
      const expected = sent.flatMap((envelope) => {
        const destination = destinationOf(envelope)
        return destination?.queue === queue ? [{ ...destination, payload: envelope.payload }] : []
      })
      expect(expected.length).toBeGreaterThan(0)
      expect(events.map(({ type }) => type)).toEqual(expected.map(({ type }) => type))
      expect(events.map(({ data }) => data)).toEqual(expected.map(({ data }) => data))
      for (const [index, { payload }] of expected.entries()) {
        const [, bytes = ''] = /,"data":(.*)\}$/s.exec(events[index]?.text ?? '') ?? []
        expect(bytes !== '' && payload.includes(bytes), payload).toBe(true)
      }
    }
    const withWhat = (wanted: string) =>
      stage.simulator.record.of('envelope').filter(({ what }) => what === wanted).length
    await expect.poll(() => withWhat('acknowledged')).toBe(sent.length + 1)
    expect(withWhat('sent')).toBe(sent.length + 1)
    expect(await gateway.count('holdfast_events_duplicate_total')).toBe(0)
    console.log(`Socket Mode: ${sent.length} envelopes, all acknowledged, all events on the queues`)
  })
})

describe('the same fact is on the queue once', () => {
  test('when two sockets of one Slack bot deliver it', async () => {
    const stage = await Stage.open({
      connections: ['slack-a'],
      // By another name of the same Slack: a configuration does not take one token twice.
      moreConnections: ({ slack, slackApiUrl }) => [
        `  - { id: slack-again, ${slackRtm({ slackApiUrl: slackApiUrl.replace('127.0.0.1', 'localhost') }, slack.bots[0]?.token ?? '')} }`,
      ],
    })
    const gateway = await stage.startGateway()
    const texts = numbered('once', 20)
    for (const text of texts) {
      const { ts } = stage.simulator.slack.say({
        channel: stage.at.slack.channels[0]?.id ?? '',
        user: 'U1',
        text,
      })
      stage.simulator.slack.react(stage.at.slack.channels[0]?.id ?? '', 'U2', ts, 'wave')
    }
    await expect.poll(() => gateway.count('holdfast_events_received_total'), { timeout: 20_000 }).toBe(80)
    await expect.poll(() => gateway.count('holdfast_unconfirmed_events')).toBe(0)

    const events = await stage.queued.of('all')
    expect(events.filter(({ type }) => type === 'slack.message').map(textOf)).toEqual(texts)
    expect(events.filter(({ type }) => type === 'slack.reaction_added')).toHaveLength(20)
    expect(await gateway.count('holdfast_events_enqueued_total')).toBe(40)
    expect(await gateway.count('holdfast_events_duplicate_total')).toBe(40)
  })

  test('when Discord replays it, because the checkpoint was older than the truth', async () => {
    const stage = await Stage.open({ connections: ['discord-a'] })
    const before = await stage.startGateway()
    for (const text of numbered('before', 9)) stage.say(text)
    await stage.settle('before 9')
    expect(await before.stop()).toBe(0)

    const checkpoints = createRedisCheckpointStore(stage.queued.redis, stage.prefix)
    const stored = await checkpoints.load('discord-a/0')
    if (stored?.kind !== 'discord') throw new Error('no session is stored')
    const older = { ...stored, sequence: stored.sequence - 5 }
    const fence = Number(await stage.queued.redis.hget(`${stage.prefix}:checkpoint:discord-a/0`, 'fence'))
    expect(await checkpoints.save('discord-a/0', fence, older)).toBe('saved')

    const after = await stage.startGateway()
    await stage.settle('after')
    expect(stage.simulator.record.of('resume')).toMatchObject([{ outcome: 'resumed', replayedCount: 5 }])
    const events = await stage.queued.of('all')
    expect(messagesOf(events, 'discord-a')).toEqual([...numbered('before', 10), 'after'])
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    expect(await after.count('holdfast_events_duplicate_total')).toBe(5)
  })
})

test('two bots in one channel get an event each, on both platforms', async () => {
  const stage = await Stage.open()
  await stage.startGateway()
  await stage.settle('hello')
  const events = (await stage.queued.of('all')).filter((event) => textOf(event) === 'hello')
  expect(events.map(({ connection }) => connection).sort()).toEqual([...CONNECTIONS].sort())
  expect(new Set(events.map(({ id }) => id)).size).toBe(4)
})

test('the flood of guilds after an identify reaches only who wants it', async () => {
  const stage = await Stage.open({
    connections: ['discord-a'],
    subscriptions: [EVERYTHING, "  - { name: census, events: ['discord.GUILD_CREATE'], initial: true }"],
  })
  await stage.startGateway()
  await stage.settle('after the flood')
  const all = await stage.queued.of('all')
  expect(all.filter(({ type }) => type === 'discord.GUILD_CREATE')).toEqual([])
  expect(await stage.queued.of('census')).toMatchObject([
    { type: 'discord.GUILD_CREATE', delivery: 'initial' },
  ])
})
