import {
  idleLink,
  idleShard,
  type LinkEffect,
  type LinkInput,
  type LinkTransport,
  linkMachine,
  readDiscordFrame,
  readRtmFrame,
  readSocketModeFrame,
  type ShardEffect,
  type ShardInput,
  type SlackFrame,
  stepShard,
} from '@holdfast/protocol'
import { describe, expect, test } from 'vitest'
import { recordedFrames } from './fuzz/recorded-frames.ts'

/*
 * Every recorded frame of every transport, said to a machine that is connected: what happened on the platform comes out as
 * it came in, and nothing is malformed. Where a frame moves the connection, a connected machine hears the next one.
 */

/** Recorded control frames that only a bot sends. */
const OF_BOTS = new Set([2, 3, 4, 6, 8, 31, 43])

const READY =
  '{"t":"READY","s":1,"op":0,"d":{"v":10,"session_id":"s","resume_gateway_url":"wss://d.example","user":{"id":"1"},"application":{"id":"2"},"guilds":[]}}'

/** Types of RTM frames that are about the socket. Replies have no type, or none of their own. */
const ABOUT_THE_SOCKET = new Set([
  'hello',
  'goodbye',
  'team_migration_started',
  'reconnect_url',
  'error',
  'pong',
])

const isEvent = (text: string): boolean => {
  const { type, reply_to: replyTo } = JSON.parse(text)
  return type !== undefined && replyTo === undefined && !ABOUT_THE_SOCKET.has(type)
}

/** What a connected shard answers to one frame. */
function toShard(text: string): readonly ShardEffect[] {
  const generation = 1
  const frame = (said: string): ShardInput => ({ kind: 'frame', generation, frame: readDiscordFrame(said) })
  const way: readonly ShardInput[] = [
    { kind: 'start' },
    { kind: 'located', generation, url: 'wss://d.example' },
    { kind: 'socketOpened', generation },
    frame('{"op":10,"d":{"heartbeat_interval":41250}}'),
    { kind: 'permitGranted', generation },
    frame(READY),
  ]
  const connected = way.reduce((state, input) => stepShard(state, input, 0.5).state, idleShard([0, 1]))
  expect(connected.kind).toBe('connected')
  return stepShard(connected, frame(text), 0.5).effects
}

/** What a connected link answers to one frame. */
function toLink(transport: LinkTransport, frame: SlackFrame, text: string): readonly LinkEffect[] {
  const generation = 1
  const step = linkMachine(transport)
  const way: readonly LinkInput[] = [
    { kind: 'start' },
    { kind: 'addressGiven', generation, url: 'wss://s.example' },
    { kind: 'socketOpened', generation },
    { kind: 'frame', generation, frame: { kind: 'hello' }, text: '{}' },
  ]
  const connected = way.reduce((state, input) => step(state, input, 0.5).state, idleLink)
  expect(connected.kind).toBe('connected')
  return step(connected, { kind: 'frame', generation, frame, text }, 0.5).effects
}

describe('every recorded frame', () => {
  test('of Discord passes a shard: dispatches as they came, nothing malformed', () => {
    const texts = recordedFrames('discord').filter((text) => !OF_BOTS.has(JSON.parse(text).op))
    for (const text of texts) {
      const effects = toShard(text)
      const { op, t, s, d } = JSON.parse(text)
      const dispatches = effects.filter((effect) => effect.kind === 'dispatch')
      expect(dispatches, text).toHaveLength(op === 0 ? 1 : 0)
      for (const { type, sequence, dataText } of dispatches) {
        expect([type, sequence, JSON.parse(dataText)]).toEqual([t, s, d])
        expect(text.endsWith(`"d":${dataText}}`), text).toBe(true)
      }
      expect(effects.map(({ kind }) => kind)).not.toContain('malformed')
    }
    expect(texts.length).toBeGreaterThan(10)
  })

  test('of Slack RTM passes a link: events as they came, nothing malformed', () => {
    const texts = recordedFrames('rtm')
    for (const text of texts) {
      const effects = toLink('rtm', readRtmFrame(text), text)
      const taken = effects.flatMap((effect) => (effect.kind === 'frame' ? [effect.text] : []))
      expect(taken, text).toEqual(isEvent(text) ? [text] : [])
      expect(effects.map(({ kind }) => kind)).not.toContain('malformed')
    }
    expect(texts.filter(isEvent).length).toBeGreaterThan(10)
  })

  test('of Slack Socket Mode passes a link: payloads byte for byte, nothing malformed', () => {
    const texts = recordedFrames('socket-mode')
    for (const text of texts) {
      const effects = toLink('socket-mode', readSocketModeFrame(text), text)
      const { envelope_id: id, payload } = JSON.parse(text)
      const taken = effects.flatMap((effect) => (effect.kind === 'frame' ? [effect.frame] : []))
      expect(taken, text).toHaveLength(id === undefined ? 0 : 1)
      for (const frame of taken) {
        const payloadText = frame.kind === 'envelope' ? frame.payloadText : ''
        expect(JSON.parse(payloadText)).toEqual(payload)
        expect(text).toContain(`"payload":${payloadText}`)
      }
      expect(effects.map(({ kind }) => kind)).not.toContain('malformed')
    }
    expect(texts.length).toBeGreaterThan(10)
  })
})
