import { asObject, type JsonObject, parseObject } from '../json.ts'
import type { SlackFrame } from './frame.ts'

/** Frames about the socket itself. Source: docs.slack.dev/legacy/legacy-rtm-api, docs.slack.dev/reference/events/goodbye */
const ABOUT_THE_SOCKET: ReadonlyMap<unknown, SlackFrame> = new Map<unknown, SlackFrame>([
  ['hello', { kind: 'hello' }],
  ['goodbye', { kind: 'farewell', why: 'Slack said goodbye' }],
  ['team_migration_started', { kind: 'farewell', why: 'Slack moves the workspace to another server' }],
  ['reconnect_url', { kind: 'aside', why: 'an experiment of Slack that carries no event' }],
])

/** Reads one text frame of RTM; never throws. Source: docs.slack.dev/legacy/legacy-rtm-api */
export function readRtmFrame(text: string): SlackFrame {
  const frame = parseObject(text)
  if (!frame) return malformed('it is not a JSON object')
  if (frame.type === 'pong') return readPong(frame.reply_to)
  if (frame.reply_to !== undefined) return readReply(frame)
  if (frame.type === 'error') return readError(frame.error)
  return ABOUT_THE_SOCKET.get(frame.type) ?? readEvent(frame)
}

function readPong(replyTo: unknown): SlackFrame {
  return typeof replyTo === 'number' ? { kind: 'pong', id: replyTo } : malformed('a pong without reply_to')
}

/** The one for the last message of the socket before comes right after hello; no reply is an event. */
function readReply({ reply_to: replyTo, ok, error, ts }: JsonObject): SlackFrame {
  if (typeof replyTo !== 'number') return { kind: 'aside', why: 'a reply that does not say to what' }
  const message = asObject(error)?.msg
  return {
    kind: 'reply',
    replyTo,
    ok: ok !== false,
    ...(typeof message === 'string' && { error: message }),
    ...(typeof ts === 'string' && { ts }),
  }
}

/** In place of hello it refuses the socket, e.g. because the address was used before. */
function readError(error: unknown): SlackFrame {
  const { code, msg } = asObject(error) ?? {}
  const message = typeof msg === 'string' ? msg : 'no reason given'
  const why = `Slack refuses the socket: ${message}${typeof code === 'number' ? ` (${code})` : ''}`
  return { kind: 'refusal', patience: 'short', why }
}

function readEvent(frame: JsonObject): SlackFrame {
  if (typeof frame.type === 'string') return { kind: 'event', stamped: isStamped(frame) }
  if (typeof frame.ok === 'boolean') return { kind: 'aside', why: 'a reply that does not say to what' }
  return malformed('it has no type')
}

function isStamped({ ts, event_ts: eventTs }: JsonObject): boolean {
  return isText(ts) || isText(eventTs)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function malformed(problem: string): SlackFrame {
  return { kind: 'malformed', problem }
}

/** A ping as text; Slack answers with a pong whose `reply_to` is `id`. */
export function pingText(id: number): string {
  return JSON.stringify({ id, type: 'ping' })
}
