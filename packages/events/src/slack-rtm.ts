import type { Platform } from './event.ts'
import { type JsonObject, parseObject, textAt } from './field.ts'
import { type Identity, identify } from './identity.ts'
import { malformed, type Reading, type SlackRtmOrigin } from './origin.ts'
import { outgoing, sourceOf } from './outgoing.ts'
import { actorOf, channelOf, itemOf, postOf, subjectOf, timeOf, typeOf } from './slack-payload.ts'

const PLATFORM: Platform = 'slack'

/** Frames about the socket itself. https://docs.slack.dev/legacy/legacy-rtm-api */
const ABOUT_THE_SOCKET = new Map([
  ['hello', 'the socket is open'],
  ['goodbye', 'the socket is about to be closed'],
  ['error', 'the socket could not be opened, or a frame we sent was wrong'],
  ['pong', 'an answer to a ping'],
  ['reconnect_url', 'an experiment of Slack that carries no event'],
  ['team_migration_started', 'the workspace moves; the socket is about to be closed'],
])

/**
 * Reads one RTM frame. Never throws. The event's data is the whole frame, byte for byte; a message posted has the same
 * id and subject as over the Events API, provided `origin.bot` is the app id. A frame without `ts` and `event_ts`
 * (`user_typing`, `presence_change`, …) is `ephemeral`.
 */
export function readSlackRtmFrame(text: string, origin: SlackRtmOrigin): Reading {
  const frame = parseObject(text)
  if (!frame) return malformed('Slack RTM frame', text, 'expected a JSON object')
  const aside = socketFrame(frame)
  if (aside !== undefined) return { kind: 'not-event', why: aside }
  const type = typeOf(frame)
  if (type === undefined) return malformed('Slack RTM frame', text, 'expected "type" to be a word')
  const identity = stampedIdentity(frame, type, origin)
  const event = outgoing(PLATFORM, sourceOf(PLATFORM, origin.connection), origin, {
    identity: identity ?? identify(PLATFORM, origin.bot, 'slack-ephemeral', { nonce: origin.nonce }),
    type: `slack.${type}`,
    dataText: text,
    time: timeOf(frame),
    subject: subjectOf(origin.teamId, channelOf(frame)),
    workspace: origin.teamId,
    actor: actorOf(frame),
  })
  return { kind: identity ? 'event' : 'ephemeral', event }
}

/** Why a frame is no event. Replies have no type of their own; one for the last socket's last message may come after hello. */
function socketFrame(frame: JsonObject): string | undefined {
  if (Object.hasOwn(frame, 'reply_to')) return 'a reply to something this bot sent'
  if (frame.type === undefined && typeof frame.ok === 'boolean') return 'a reply to something this bot sent'
  return ABOUT_THE_SOCKET.get(textAt(frame, 'type') ?? '')
}

function stampedIdentity(frame: JsonObject, type: string, origin: SlackRtmOrigin): Identity | undefined {
  const post = postOf(frame)
  if (post)
    return identify(PLATFORM, origin.bot, 'slack-posted', { ...post, team: origin.teamId, via: 'rtm' })
  const [ts, eventTs] = [textAt(frame, 'ts'), textAt(frame, 'event_ts')]
  if (ts === undefined && eventTs === undefined) return undefined
  return identify(PLATFORM, origin.bot, 'slack-rtm', {
    type,
    subtype: textAt(frame, 'subtype'),
    team: origin.teamId,
    channel: channelOf(frame),
    item: itemOf(frame),
    ts,
    eventTs,
    user: actorOf(frame),
    reaction: textAt(frame, 'reaction'),
  })
}
