/**
 * A reply to a slash command or an interactive payload of Slack.
 *
 * - For all to see: as the bot in the channel, found again by its metadata as any reply is. Where the bot is no member, through
 *   the payload's response URL; whether it went out just as its worker died can't be told then, for the bot can't look.
 * - For one person: through the response URL. The job notes that it begins, and withdraws the note where it certainly was not
 *   posted; a run that finds the note but no result can't tell, and says so.
 * - In the place of the message that was pressed on, or its deletion: through the response URL, which reaches ephemeral
 *   messages too, and once that is over by the message's own name. Done twice it is the same, so nothing is noted.
 */
import type { Clock } from '@holdfast/runtime'
import { WebAPIPlatformError } from '@slack/web-api'
import { NonRetryableError, type WorkerErrorCode } from './errors.ts'
import { certainlyHadNoEffect } from './platform-problem.ts'
import type { SlackMessage, SlackReply } from './reply-message.ts'
import type { ReplyNotes } from './reply-notes.ts'
import { contentOf, postToSlack, type SlackPost } from './reply-slack.ts'
import { respond } from './response-url.ts'
import { type OriginalMessage, readSlackInteraction } from './slack-interaction.ts'
import { readTarget } from './slack-target.ts'
import type { ReplyKey } from './step-key.ts'

/** What Slack refuses a post with where the bot is no member. */
const NOT_THERE: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found'])

/** Which reply of its job it is. */
interface Noted {
  readonly key: ReplyKey
  readonly steps: Pick<ReplyNotes, 'begin' | 'withdraw'>
}

/** Whether the message is to take the place of another, or to remove it. */
export function isChange({ replace_original, delete_original }: SlackMessage): boolean {
  return replace_original === true || delete_original === true
}

/** Posts for all to see. Rejects with `reply-late` where the bot is no member and the response URL is over. */
export async function postInConversation(post: SlackPost): Promise<SlackReply> {
  try {
    return await postToSlack(post)
  } catch (error) {
    const { responseUrl } = readSlackInteraction(post.event)
    if (responseUrl === undefined || !isNotThere(error)) throw error
    return await respondWith(post, responseUrl, 'in_channel')
  }
}

/** Posts for the person who acted. Rejects with `reply-uncertain` where an earlier run may have posted it. */
export async function whisper(post: SlackPost, { key, steps }: Noted, clock: Clock): Promise<SlackReply> {
  const { responseUrl } = readSlackInteraction(post.event)
  if (responseUrl === undefined) {
    throw refuse(
      'reply-unsupported',
      `${post.event.type} has no response_url: only an answer to a slash command or an interactive payload can be ephemeral`,
    )
  }
  const began = await steps.begin(key, clock.wallAt())
  if (began.kind === 'again') {
    throw refuse(
      'reply-uncertain',
      "can't tell whether this reply was posted: Slack does not show ephemeral messages",
    )
  }
  try {
    return await respondWith(post, responseUrl, 'ephemeral')
  } catch (error) {
    if (certainlyHadNoEffect(error)) await steps.withdraw(key)
    throw error
  }
}

/** Replaces or deletes the message that the event is about. Repeating it changes nothing. */
export async function changeOriginal(post: SlackPost): Promise<SlackReply> {
  const { responseUrl, original } = readSlackInteraction(post.event)
  const { channel } = original ?? readTarget(post.event, false)
  const { delete_original, message } = { ...post.message, message: contentOf(post.message) }
  const change = delete_original ? { delete_original: true } : { replace_original: true, ...message }
  const changed = responseUrl === undefined ? 'over' : await respond(responseUrl, change)
  if (changed === 'over') await changeByName(post, original)
  return { channel, ts: original?.ts ?? '' }
}

async function changeByName({ client, message }: SlackPost, original: OriginalMessage | undefined) {
  if (original === undefined || original.isEphemeral) {
    throw refuse('reply-late', 'the response_url is over, and nothing else reaches the message')
  }
  const { channel, ts } = original
  if (message.delete_original) return deleteMessage(client, channel, ts)
  // What is left out would stay, other than with the response URL.
  const replacement = { blocks: [], attachments: [], ...contentOf(message) }
  await client.apiCall('chat.update', { ...replacement, channel, ts })
}

async function deleteMessage(client: SlackPost['client'], channel: string, ts: string): Promise<void> {
  try {
    await client.apiCall('chat.delete', { channel, ts })
  } catch (error) {
    if (!isRefusal(error, (reason) => reason === 'message_not_found')) throw error
  }
}

async function respondWith(
  { event, message }: SlackPost,
  responseUrl: string,
  responseType: 'in_channel' | 'ephemeral',
): Promise<SlackReply> {
  const { channel, threadTs } = readTarget(event, message.thread)
  const posted = await respond(responseUrl, {
    ...contentOf(message),
    response_type: responseType,
    replace_original: false,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  })
  if (posted === 'posted') return { channel, ts: '' }
  throw refuse('reply-late', 'the response_url has been used five times, or its 30 minutes are over')
}

function isNotThere(error: unknown): boolean {
  return isRefusal(error, (reason) => NOT_THERE.has(reason))
}

function isRefusal(error: unknown, is: (reason: string) => boolean): boolean {
  return error instanceof WebAPIPlatformError && is(error.data.error)
}

function refuse(code: WorkerErrorCode, message: string): NonRetryableError {
  return new NonRetryableError(message, undefined, code)
}
