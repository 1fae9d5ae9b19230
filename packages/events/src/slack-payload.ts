import { firstTextAt, type JsonObject, textAt } from './field.ts'
import { slackInstant } from './instant.ts'

/*
 * Where things are in Slack's payloads. RTM frames, the Events API's inner events and interactive payloads put the same
 * thing in different places; these functions know all of them, so that a conversation has one name over every transport.
 */

/** Type names become parts of a routing pattern and of a metric's label: words, nothing else. */
const TYPE = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/
const TYPE_LENGTH = 100

/** Subtypes that speak about another message. All others are posts of their own, with a `ts` of their own. */
const ABOUT_ANOTHER_MESSAGE = new Set(['message_changed', 'message_deleted', 'message_replied'])

const CHANNEL_PATHS = [
  ['channel'],
  ['channel', 'id'],
  ['channel_id'],
  ['item', 'channel'],
  ['item', 'channel', 'id'],
  ['container', 'channel_id'],
  ['assistant_thread', 'channel_id'],
]

const ITEM_PATHS = [
  ['item', 'ts'],
  ['item', 'message', 'ts'],
  ['item', 'file'],
  ['item', 'file', 'id'],
  ['message', 'ts'],
  ['deleted_ts'],
  ['file_id'],
  ['file', 'id'],
  ['subteam', 'id'],
  ['subteam_id'],
  ['bot', 'id'],
  ['app', 'id'],
  ['app_id'],
]

const ACTOR_PATHS = [['user'], ['user', 'id'], ['user_id'], ['actor_id'], ['assistant_thread', 'user_id']]

/** Types whose doer is elsewhere, or that name only someone it happened to (an empty list: nobody is named). */
const ACTOR_PATHS_BY_TYPE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'message/message_changed': [
    ['message', 'edited', 'user'],
    ['message', 'user'],
  ],
  'message/message_deleted': [],
  'message/message_replied': [],
  'channel_created/': [['channel', 'creator']],
  'subteam_created/': [['subteam', 'created_by']],
  'subteam_updated/': [['subteam', 'updated_by']],
}

/** The payload's `type`, where it is one. */
export function typeOf(payload: JsonObject): string | undefined {
  const type = textAt(payload, 'type')
  return type !== undefined && type.length <= TYPE_LENGTH && TYPE.test(type) ? type : undefined
}

/** The channel, wherever it is. A link typed into the composer is in none (https://docs.slack.dev/reference/events/link_shared). */
export function channelOf(payload: JsonObject): string | undefined {
  const channel = firstTextAt(payload, CHANNEL_PATHS)
  return channel === 'COMPOSER' ? undefined : channel
}

/** What it is about: a message, file, user group, bot or app. */
export function itemOf(payload: JsonObject): string | undefined {
  return firstTextAt(payload, ITEM_PATHS)
}

/** The user who did it, where the payload says so. */
export function actorOf(payload: JsonObject): string | undefined {
  const key = `${textAt(payload, 'type') ?? ''}/${textAt(payload, 'subtype') ?? ''}`
  return firstTextAt(payload, ACTOR_PATHS_BY_TYPE[key] ?? ACTOR_PATHS)
}

/** When it happened: a post at its `ts`, as history has it; everything else when it was dispatched. */
export function timeOf(event: JsonObject): string | undefined {
  const [ts, eventTs] = [textAt(event, 'ts'), textAt(event, 'event_ts')]
  const [first, second] = isPost(event) ? [ts, eventTs] : [eventTs, ts]
  return slackInstant(first) ?? slackInstant(second)
}

/** The conversation: its channel as seen by one installation of the app. */
export function subjectOf(installation: string | undefined, channel: string | undefined): string | undefined {
  if (channel === undefined) return undefined
  return installation === undefined ? channel : `${installation}/${channel}`
}

/**
 * What identifies a message as posted, or `undefined` for anything else.
 * An `app_mention` is sent again, as a new event with the old `ts`, when its message is edited: that is another fact.
 * A `message` with `edited` is one read from history later on: still the post. https://docs.slack.dev/reference/events/message
 */
export function postOf(
  event: JsonObject,
): { type: 'message' | 'app_mention'; channel: string; ts: string } | undefined {
  if (!isPost(event)) return undefined
  const type = textAt(event, 'type') === 'message' ? 'message' : 'app_mention'
  const [channel, ts] = [channelOf(event), textAt(event, 'ts')]
  return channel !== undefined && ts !== undefined ? { type, channel, ts } : undefined
}

function isPost(event: JsonObject): boolean {
  if (event.type === 'app_mention') return event.edited === undefined
  return event.type === 'message' && !ABOUT_ANOTHER_MESSAGE.has(textAt(event, 'subtype') ?? '')
}
