import { readFileSync } from 'node:fs'
import {
  type DiscordOrigin,
  decodeEvent,
  type HoldfastEvent,
  memberText,
  type OutgoingEvent,
  type Reading,
  readDiscordDispatch,
  readSlackEventCallback,
  readSlackInteractive,
  readSlackRtmFrame,
  readSlackSlashCommand,
  type SlackEnvelopeOrigin,
  type SlackRtmOrigin,
} from '../src/index.ts'

const receivedAt = Date.UTC(2026, 2, 2, 9, 0, 0, 250)

export const rtm: SlackRtmOrigin = {
  connection: 'kelp-rtm',
  bot: 'A06HOLDAPP1',
  receivedAt,
  delivery: 'live',
  nonce: 'f-1',
  teamId: 'T06KELPBED1',
}

export const socket: SlackEnvelopeOrigin = {
  connection: 'kelp-socket',
  bot: 'A06HOLDAPP1',
  receivedAt,
  delivery: 'live',
  nonce: 'f-2',
}

export const shard: DiscordOrigin = {
  connection: 'kelp-discord',
  bot: '1180000000000000001',
  receivedAt,
  delivery: 'live',
  nonce: 'f-3',
  shard: 0,
  sessionId: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
}

/** The event of a reading that is expected to have one. */
export function eventOf(reading: Reading): OutgoingEvent {
  if (reading.kind === 'event' || reading.kind === 'ephemeral') return reading.event
  throw new Error(`expected an event: ${JSON.stringify(reading)}`)
}

/** The same event as a worker sees it. */
export function received(reading: Reading): HoldfastEvent {
  const decoded = decodeEvent(eventOf(reading).text)
  if (decoded.ok) return decoded.event
  throw new Error(decoded.problem)
}

export function idOf(reading: Reading): string {
  return eventOf(reading).id
}

export const rtmFrame = (frame: object, origin = rtm) => readSlackRtmFrame(JSON.stringify(frame), origin)

/** An Events API callback around an inner event, as Slack wraps it for an app in one workspace. */
export const callback = (event: object, outer: object = {}, origin = socket) =>
  readSlackEventCallback(
    JSON.stringify({
      type: 'event_callback',
      team_id: 'T06KELPBED1',
      authorizations: [{ enterprise_id: null, team_id: 'T06KELPBED1', is_enterprise_install: false }],
      event_id: 'Ev1',
      event_time: 1_772_442_012,
      event,
      ...outer,
    }),
    origin,
  )

export const interactive = (payload: object, origin = socket) =>
  readSlackInteractive(JSON.stringify(payload), origin)

export const command = (payload: object, origin = socket) =>
  readSlackSlashCommand(JSON.stringify(payload), origin)

export const dispatch = (type: string, data: unknown, sequence = 1, origin = shard) =>
  readDiscordDispatch({ type, sequence, dataText: JSON.stringify(data) }, origin)

/** A payload of a file, where it stands, how it reads, and the text that its event must carry. */
export interface Sample {
  readonly place: string
  readonly reading: Reading
  readonly dataText: string
}

type ReadLine = (line: string, index: number) => { reading: Reading; dataText: string }

const READERS: Readonly<Record<string, ReadLine>> = {
  'slack-rtm.jsonl': (line) => ({ reading: readSlackRtmFrame(line, rtm), dataText: line }),
  'slack-events-api.jsonl': (line) => ({
    reading: readSlackEventCallback(line, socket),
    dataText: memberText(line, 'event') ?? line,
  }),
  'slack-interactive.jsonl': (line) => ({ reading: readSlackInteractive(line, socket), dataText: line }),
  'slack-slash-commands.jsonl': (line) => ({ reading: readSlackSlashCommand(line, socket), dataText: line }),
  'discord-dispatch.jsonl': (line, index) => {
    const type: unknown = JSON.parse(memberText(line, 't') ?? 'null')
    const dataText = memberText(line, 'd') ?? ''
    const found = { type: String(type), sequence: index + 1, dataText }
    return { reading: readDiscordDispatch(found, shard), dataText }
  },
}

export const SAMPLE_FILES = Object.keys(READERS)

export function linesOf(folder: URL, file: string): string[] {
  return readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean)
}

/** Reads every line of one of `SAMPLE_FILES` in `folder`. */
export function samplesOf(folder: URL, file: string): Sample[] {
  const read = READERS[file]
  if (!read) throw new Error(`no reader for ${file}`)
  return linesOf(folder, file).map((line, index) => ({ place: `${file}:${index + 1}`, ...read(line, index) }))
}
