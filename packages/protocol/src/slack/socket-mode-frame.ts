import { asObject, type JsonObject, parseObject } from '../json.ts'
import { memberTexts } from '../json-members.ts'
import type { SlackFrame } from './frame.ts'

/** Why Slack ends a socket. Source: docs.slack.dev/apis/events-api/using-socket-mode */
const DISCONNECTS: ReadonlyMap<unknown, SlackFrame> = new Map<unknown, SlackFrame>([
  ['warning', { kind: 'farewell', why: 'Slack will close the socket soon (warning)' }],
  ['refresh_requested', { kind: 'farewell', why: 'Slack asks for a fresh socket (refresh_requested)' }],
  [
    'link_disabled',
    {
      kind: 'refusal',
      patience: 'long',
      why: 'Socket Mode is switched off (link_disabled): switch it on in the app’s settings',
    },
  ],
  [
    'too_many_websockets',
    {
      kind: 'refusal',
      patience: 'long',
      why: 'the app has more sockets than Slack allows, which is 10 (too_many_websockets): lower `sockets`, or find who else opens some with this app’s token',
    },
  ],
])

/** Reads one text frame of Socket Mode; never throws. What carries an `envelope_id` is an envelope, whatever its type. */
export function readSocketModeFrame(text: string): SlackFrame {
  const frame = parseObject(text)
  if (!frame) return malformed('it is not a JSON object')
  if (frame.envelope_id !== undefined) return readEnvelope(frame, text)
  switch (frame.type) {
    case 'hello':
      return readHello(frame)
    case 'disconnect':
      return readDisconnect(frame.reason)
    default:
      return typeof frame.type === 'string'
        ? { kind: 'aside', why: 'a frame without envelope_id, of a type that this version does not know' }
        : malformed('it has neither type nor envelope_id')
  }
}

function readHello({ num_connections: socketCount, connection_info }: JsonObject): SlackFrame {
  const appId = asObject(connection_info)?.app_id
  return {
    kind: 'hello',
    ...(typeof socketCount === 'number' && { socketCount }),
    ...(typeof appId === 'string' && { appId }),
  }
}

/** A reason that we do not know: Slack will hardly keep the socket, but has not refused the next one. */
function readDisconnect(reason: unknown): SlackFrame {
  const known = DISCONNECTS.get(reason)
  if (known) return known
  const named = typeof reason === 'string' ? reason : 'no reason given'
  return { kind: 'farewell', why: `Slack will close the socket (${named})` }
}

function readEnvelope(frame: JsonObject, text: string): SlackFrame {
  const { envelope_id: id, type, retry_attempt: retryAttempt } = frame
  if (typeof id !== 'string' || id === '') return malformed('an envelope_id that is not text')
  return {
    kind: 'envelope',
    id,
    type: typeof type === 'string' && type !== '' ? type : 'unknown',
    // Without a payload it must be acknowledged all the same, or it comes again.
    payloadText: memberTexts(text)?.get('payload') ?? 'null',
    acceptsPayload: frame.accepts_response_payload === true,
    retryAttempt: typeof retryAttempt === 'number' ? retryAttempt : 0,
  }
}

function malformed(problem: string): SlackFrame {
  return { kind: 'malformed', problem }
}
