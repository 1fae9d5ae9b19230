/**
 * A reply on Slack, once. Slack has no key that makes a post idempotent, so:
 *
 * 1. before the first try the job notes that the post begins;
 * 2. the message carries our identity of it as metadata;
 * 3. where Slack answers that it posted nothing, the note is withdrawn;
 * 4. a run that finds the note but no result looks for the metadata in the conversation, and posts only what is not there.
 *
 * What remains: a message that Slack shows later than two seconds after its post began, and one deleted meanwhile.
 */
import type { HoldfastEvent } from '@holdfast/events'
import type { Clock } from '@holdfast/runtime'
import type { WebClient } from '@slack/web-api'
import { NonRetryableError } from './errors.ts'
import { fieldsOf } from './payload.ts'
import type { SlackMessage, SlackReply } from './reply-message.ts'
import { settled } from './settling.ts'
import { readTarget, type SlackTarget } from './slack-target.ts'

/** The `event_type` of the metadata that marks our replies. Stored state: older and newer workers look for it. */
const REPLY_EVENT_TYPE = 'holdfast_reply'

const PAGE_LENGTH = 200
/** Enough for 2,000 messages since the event. Beyond, whether we answered can't be told. */
const MAX_PAGE_COUNT = 10

/** One message to post, or to look for. */
export interface SlackPost {
  readonly client: WebClient
  readonly event: HoldfastEvent
  readonly id: string
  readonly message: SlackMessage
}

/** Posts, and returns where. */
export async function postToSlack({ client, event, id, message }: SlackPost): Promise<SlackReply> {
  const { channel, threadTs } = readTarget(event, message.thread)
  const posted = await client.apiCall('chat.postMessage', {
    ...contentOf(message),
    channel,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    metadata: { event_type: REPLY_EVENT_TYPE, event_payload: { id } },
  })
  return readReply(posted, channel)
}

/** A message without what says where it goes, and who sees it. */
export function contentOf(message: SlackMessage) {
  const { thread: _, ephemeral: __, replace_original: ___, delete_original: ____, ...content } = message
  return content
}

/** The message that an earlier run posted at or after `beganAt`, or undefined if there is none. */
export async function findOnSlack(
  { client, event, id, message }: SlackPost,
  beganAt: number,
  clock: Clock,
): Promise<SlackReply | undefined> {
  const target = readTarget(event, message.thread)
  const { threadTs } = target
  await settled(clock, beganAt)
  const channel = await conversationOf(client, target)
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies'
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGE_COUNT; page += 1) {
    const answer = await client.apiCall(method, {
      channel,
      ...(threadTs === undefined ? {} : { ts: threadTs }),
      oldest: oldestTs(event, beganAt),
      limit: PAGE_LENGTH,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const ts = findReplyTs(answer, id)
    if (ts !== undefined) return { channel, ts }
    cursor = answer.response_metadata?.next_cursor || undefined
    if (cursor === undefined) return undefined
  }
  throw new NonRetryableError(
    `can't tell whether this reply was posted: more than ${MAX_PAGE_COUNT} pages of messages in ${channel} since the event`,
    undefined,
    'reply-uncertain',
  )
}

/** History knows the conversation with a person by its own id alone. */
async function conversationOf(client: WebClient, { channel, isPerson }: SlackTarget): Promise<string> {
  if (!isPerson) return channel
  const opened = await client.apiCall('conversations.open', { users: channel })
  return String(fieldsOf(fieldsOf(opened).channel).id)
}

/**
 * No answer is older than its event. Events without an instant of Slack's own: a minute before the gateway read them; what is no
 * event but a channel: a minute before the post began.
 */
function oldestTs(event: HoldfastEvent, beganAt: number): string {
  const { ts, event_ts } = fieldsOf(event.data)
  if (typeof event_ts === 'string') return event_ts
  if (typeof ts === 'string') return ts
  return String(Math.min(beganAt, Date.parse(event.receivedat)) / 1_000 - 60)
}

function findReplyTs(answer: object, id: string): string | undefined {
  const { messages } = answer as { messages?: readonly HistoryMessage[] }
  const own = messages?.find(
    ({ metadata }) => metadata?.event_type === REPLY_EVENT_TYPE && metadata.event_payload?.id === id,
  )
  return own?.ts
}

interface HistoryMessage {
  readonly ts?: string
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly id?: unknown } }
}

/** Slack answers with the channel's id even where a user's or a name was given. */
function readReply(posted: object, channel: string): SlackReply {
  const { channel: where, ts } = posted as { channel?: string; ts?: string }
  return { channel: where ?? channel, ts: ts ?? '' }
}
