import type { HoldfastEvent } from '@holdfast/events'
import type { Clock } from '@holdfast/runtime'
import { NonRetryableError, PlatformWaitError, WorkerError } from './errors.ts'
import { isEphemeral, isInteraction, readInteraction } from './interaction.ts'
import { unknownKeys } from './option-keys.ts'
import { asWait, certainlyHadNoEffect, readNetworkProblem, readPlatformProblem } from './platform-problem.ts'
import type { Platforms } from './platforms.ts'
import { postToDiscord } from './reply-discord.ts'
import { replyId } from './reply-id.ts'
import { replyToInteraction } from './reply-interaction.ts'
import {
  type DiscordMessage,
  type DiscordReply,
  REPLY_OPTION_KEYS,
  type ReplyMessage,
  type ReplyResult,
  type SlackMessage,
  type SlackReply,
} from './reply-message.ts'
import type { ReplyNotes } from './reply-notes.ts'
import { findOnSlack, type SlackPost } from './reply-slack.ts'
import { changeOriginal, isChange, postInConversation, whisper } from './reply-slack-interaction.ts'
import type { ReplyKey } from './step-key.ts'

/** Which reply of which job. */
export interface ReplyCall {
  /** The event that is answered: the job's own, or one that it was given since. */
  readonly event: HoldfastEvent
  /** The id of the job's own event. */
  readonly eventId: string
  readonly queue: string
  readonly key: ReplyKey
  /** Of the replies to this event. */
  readonly steps: Pick<ReplyNotes, 'begin' | 'beginAnswer' | 'withdraw' | 'replies'>
}

/**
 * Posts one reply, at most once over all runs of its job, but for the windows that `reply-slack.ts`,
 * `reply-interaction.ts` and Discord's nonce leave. Rejects with `PlatformWaitError` when a later run has to settle it,
 * with a `NonRetryableError` when the platform refused it.
 */
export type PostReply = (call: ReplyCall, message: ReplyMessage) => Promise<ReplyResult>

/** Replies through the platforms' REST interfaces. */
export function createPostReply(platforms: Platforms, clock: Clock): PostReply {
  return async (call, message) => {
    refuseUnanswerable(call.event)
    return call.event.platform === 'discord'
      ? await reached(() => replyOnDiscord(platforms, clock, call, discordMessage(message)))
      : await replyOnSlack(platforms, clock, call, slackMessage(message))
  }
}

async function replyOnDiscord(
  platforms: Platforms,
  clock: Clock,
  call: ReplyCall,
  message: DiscordMessage,
): Promise<DiscordReply> {
  const { event, eventId, queue, key, steps } = call
  const nonce = replyId(queue, eventId, key)
  if (isInteraction(event)) {
    const interaction = readInteraction(event)
    const rest = platforms.discord(event.connection)
    return replyToInteraction({ rest, event, interaction, key, nonce, message, steps, clock })
  }
  refuseEphemeral(message)
  return postToDiscord(platforms.discord(event.connection), event, nonce, message)
}

async function replyOnSlack(
  platforms: Platforms,
  clock: Clock,
  call: ReplyCall,
  message: SlackMessage,
): Promise<SlackReply> {
  const { event, eventId, queue, key, steps } = call
  const post = {
    client: platforms.slack(event.connection),
    event,
    id: replyId(queue, eventId, key),
    message,
  }
  if (isChange(message)) return reached(() => changeOriginal(post))
  if (message.ephemeral) return reached(() => whisper(post, call, clock))
  const began = await steps.begin(key, clock.wallAt())
  if (began.kind === 'first') return reached(() => postFirst(post, call))
  const earlier = await looked(() => findOnSlack(post, began.beganAt, clock))
  return earlier ?? (await reached(() => postInConversation(post)))
}

function discordMessage(message: ReplyMessage): DiscordMessage {
  return typeof message === 'string' ? { content: message } : (message as DiscordMessage)
}

function slackMessage(message: ReplyMessage): SlackMessage {
  return typeof message === 'string' ? { text: message } : (message as SlackMessage)
}

/** Where Slack certainly posted nothing, a later run need not look for it, which takes a scope that not every bot has. */
async function postFirst(post: SlackPost, { key, steps }: ReplyCall): Promise<SlackReply> {
  try {
    return await postInConversation(post)
  } catch (error) {
    if (certainlyHadNoEffect(error)) await steps.withdraw(key)
    throw error
  }
}

/** Nothing to post, as untyped code may give it: told before the job notes that a post begins. */
export function refuseNoMessage(message: unknown): void {
  if (typeof message === 'string' || (typeof message === 'object' && message !== null)) return
  throw unsupported(`ctx.reply takes a text or a message, and was given ${String(message)}`)
}

/** What belongs into the message and stands beside it would be dropped: `ephemeral` there, and everyone reads it. */
export function refuseUnknownOptions(options: object): void {
  const [problem] = unknownKeys(options, REPLY_OPTION_KEYS)
  if (problem === undefined) return
  throw unsupported(
    `ctx.reply(message, options): ${problem}; what is part of the message goes into the message`,
  )
}

/** Events that no reply can reach. */
export function refuseUnanswerable({ type }: HoldfastEvent): void {
  if (type === 'slack.interactive.block_suggestion') {
    throw unsupported(`${type} takes choices, not a message`)
  }
  if (type !== 'holdfast.gap') return
  throw unsupported('holdfast.gap belongs to no conversation: there is nowhere to reply')
}

/** Discord would drop the flag without a word, and everyone would read the message. */
function refuseEphemeral(message: DiscordMessage): void {
  if (isEphemeral(message)) throw unsupported('only an answer to an interaction can be ephemeral')
}

function unsupported(message: string): NonRetryableError {
  return new NonRetryableError(message, undefined, 'reply-unsupported')
}

async function reached<Reply extends SlackReply | DiscordReply>(post: () => Promise<Reply>): Promise<Reply> {
  try {
    return await post()
  } catch (error) {
    throw explained(error, (reason) => `the reply was refused: ${reason}`, 'reply-refused')
  }
}

async function looked<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find()
  } catch (error) {
    throw explained(
      error,
      (reason) =>
        `can't tell whether this reply was posted: Slack refused the look-up with ${reason}; it needs the history scope of the channel`,
      'reply-uncertain',
    )
  }
}

/** An error that is neither the platform's nor the network's stays as it is, and spends an attempt like any other. */
function explained(
  error: unknown,
  refusal: (reason: string) => string,
  code: 'reply-refused' | 'reply-uncertain',
): unknown {
  if (error instanceof WorkerError) return error
  const problem = readPlatformProblem(error) ?? readNetworkProblem(error)
  if (problem === undefined) return error
  if (problem.kind === 'refused') {
    return new NonRetryableError(refusal(problem.reason), { cause: error }, code)
  }
  if (problem.kind !== 'uncertain') return asWait(problem, error)
  return new PlatformWaitError(`no certain answer to the reply: ${problem.why}`, undefined, { cause: error })
}
