import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type LinkInput,
  type LinkTransport,
  readDiscordFrame,
  readRtmFrame,
  readSocketModeFrame,
  type ShardEffect,
} from '../src/index.ts'
import { brief as briefLink, LinkRun, type LinkScript } from './link-run.ts'
import { ShardRun, type ShardScript } from './shard-run.ts'

/** One line of a trace: what happened, as a frame's text or an input, and the effects that must answer it. */
interface TraceLine {
  readonly text?: string
  readonly input?: ShardScript | LinkScript
  /** The socket that the text came on, where there may be two. */
  readonly generation?: number
  readonly effects: readonly string[]
}

function readTrace(name: string): TraceLine[] {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** An effect as the traces write it: its kind and what matters of it. */
function brief(effect: ShardEffect): string {
  switch (effect.kind) {
    case 'openSocket':
      return `openSocket ${effect.url}`
    case 'closeSocket':
      return `closeSocket ${effect.code}`
    case 'heartbeat':
      return `heartbeat ${effect.sequence}`
    case 'resume':
      return `resume ${effect.sessionId} ${effect.sequence}`
    case 'sessionStarted':
    case 'sessionResumed':
      return `${effect.kind} ${effect.session.sessionId}`
    case 'sessionLost':
      return `sessionLost ${effect.session.sessionId} ${effect.session.confirmed}`
    case 'dispatch':
      return `dispatch ${effect.type} ${effect.sequence} ${effect.delivery}`
    default:
      return effect.kind
  }
}

describe('traces of a Discord shard', () => {
  it.each(['discord-first-day', 'discord-dead-resume-host', 'discord-lost-session'])('%s', (name) => {
    const shard = new ShardRun()
    for (const { text, input, effects } of readTrace(name)) {
      const script =
        text === undefined
          ? (input as ShardScript)
          : { kind: 'frame' as const, frame: readDiscordFrame(text) }
      expect(shard.feed(script).effects.map(brief), text ?? JSON.stringify(input)).toEqual(effects)
    }
  })
})

describe('traces of a Slack link', () => {
  it.each<[string, LinkTransport]>([
    ['slack-link-rtm-goodbye', 'rtm'],
    ['slack-link-socket-mode-refresh', 'socket-mode'],
  ])('%s', (name, transport) => {
    const read = transport === 'rtm' ? readRtmFrame : readSocketModeFrame
    const link = new LinkRun(transport)
    for (const { text, input, generation, effects } of readTrace(name)) {
      const script =
        text === undefined
          ? (input as LinkScript)
          : ({ kind: 'frame', frame: read(text), text, generation } as LinkInput)
      expect(link.feed(script).effects.map(briefLink), text ?? JSON.stringify(input)).toEqual(effects)
    }
  })
})

describe('the corpus of recorded frames', () => {
  const corpus = (name: string) => join(import.meta.dirname, '../../../../shared/corpus', name)

  it('gives no malformed Discord control frame that a server sends', ({ skip }) => {
    const lines = readLines(corpus('discord-control-frames.jsonl'))
    if (!lines) return skip('the corpus is not here')
    const problems = lines.map(readDiscordFrame).filter((frame) => frame.kind === 'malformed')
    expect(problems).toEqual([])
  })

  it('gives no malformed RTM frame', ({ skip }) => {
    const lines = readLines(corpus('slack-rtm.jsonl'))
    if (!lines) return skip('the corpus is not here')
    const problems = lines.filter((line) => readRtmFrame(line).kind === 'malformed')
    expect(problems).toEqual([])
  })

  it('gives an RTM link every recorded frame that is an event, and says of each whether it is stamped', ({
    skip,
  }) => {
    const lines = readLines(corpus('slack-rtm.jsonl'))
    if (!lines) return skip('the corpus is not here')
    for (const line of lines) {
      const { type, ts, event_ts: eventTs } = JSON.parse(line)
      const control = { hello: 'hello', reconnect_url: 'aside' }[String(type)]
      const event = { kind: 'event', stamped: ts !== undefined || eventTs !== undefined }
      expect(readRtmFrame(line), line).toMatchObject(control === undefined ? event : { kind: control })
    }
  })

  it('gives a Socket Mode link every recorded envelope with the bytes of its payload', ({ skip }) => {
    const lines = readLines(corpus('slack-socket-mode.jsonl'))
    if (!lines) return skip('the corpus is not here')
    const frames = lines.map((line) => ({ line, frame: readSocketModeFrame(line) }))
    for (const { line, frame } of frames) {
      if (frame.kind === 'envelope') expect(line).toContain(`"payload":${frame.payloadText}`)
      else expect(frame.kind).toBe(line.includes('"disconnect"') ? 'refusal' : 'hello')
    }
    expect(frames.filter(({ frame }) => frame.kind === 'envelope')).toHaveLength(
      lines.filter((line) => line.includes('"envelope_id"')).length,
    )
  })

  it('reads every dispatch by its head as by a full parse', ({ skip }) => {
    const lines = readLines(corpus('discord-dispatch.jsonl'))
    if (!lines) return skip('the corpus is not here')
    for (const line of lines) {
      const { t, d } = JSON.parse(line) as { t: string; d: unknown }
      const text = JSON.stringify(d)
      const byHead = readDiscordFrame(`{"t":"${t}","s":5,"op":0,"d":${text}}`)
      const byParse = readDiscordFrame(`{"op":0,"t":"${t}","s":5,"d":${text}}`)
      expect(byHead).toEqual({ kind: 'dispatch', type: t, sequence: 5, dataText: text })
      expect(byParse).toEqual(byHead)
    }
  })
})

function readLines(path: string): string[] | undefined {
  try {
    return readFileSync(path, 'utf8').trim().split('\n')
  } catch {
    return undefined
  }
}
