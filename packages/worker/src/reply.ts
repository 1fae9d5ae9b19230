import type { HoldfastEvent } from '@holdfast/events'
import type { Clock } from '@holdfast/runtime'
import { NonRetryableError, PlatformWaitError, WorkerError } from './errors.ts'
import { asWait, readNetworkProblem, readPlatformProblem } from './platform-problem.ts'
import type { Platforms } from './platforms.ts'
import { postToDiscord } from './reply-discord.ts'
import { replyId } from './reply-id.ts'
import type {
  DiscordMessage,
  DiscordReply,
  ReplyMessage,
  ReplyResult,
  SlackMessage,
  SlackReply,
} from './reply-message.ts'
import { findOnSlack, postToSlack, type SlackPost } from './reply-slack.ts'
import type { Steps } from './steps.ts'

/** Which reply of which job. */
export interface ReplyCall {
  readonly event: HoldfastEvent
  readonly queue: string
  readonly key: `reply:${string}` | `reply#${number}`
  readonly steps: Pick<Steps, 'begin' | 'withdraw'>
}

/**
 * Posts one reply, at most once over all runs of its job (P4, with the window that `reply-slack.ts` and Discord's nonce
 * leave). Rejects with `PlatformWaitError` when a later run has to settle it, with a `NonRetryableError` when the
 * platform refused it.
 */
export type PostReply = (call: ReplyCall, message: ReplyMessage) => Promise<ReplyResult>

/** Replies through the platforms' REST interfaces. */
export function createPostReply(platforms: Platforms, clock: Clock): PostReply {
  return async (call, message) => {
    refuseWhatNeedsTheSocket(call.event)
    const { event, queue, key } = call
    const id = replyId(queue, event.id, key)
    if (event.platform === 'discord') {
      const content: DiscordMessage =
        typeof message === 'string' ? { content: message } : (message as DiscordMessage)
      const rest = platforms.discord(event.connection)
      return await reached(() => postToDiscord(rest, event, id, content))
    }
    const content: SlackMessage = typeof message === 'string' ? { text: message } : (message as SlackMessage)
    const post = { client: platforms.slack(event.connection), event, id, message: content }
    const began = await call.steps.begin(key, clock.wallAt())
    if (began.kind === 'first') return await reached(() => postFirst(post, call))
    const earlier = await looked(() => findOnSlack(post, began.beganAt, clock))
    return earlier ?? (await reached(() => postToSlack(post)))
  }
}

/** Where Slack certainly posted nothing, a later run need not look for it, which takes a scope that not every bot has. */
async function postFirst(post: SlackPost, { key, steps }: ReplyCall): Promise<SlackReply> {
  try {
    return await postToSlack(post)
  } catch (error) {
    const problem = readPlatformProblem(error)
    if (problem && problem.kind !== 'uncertain') await steps.withdraw(key)
    throw error
  }
}

/** Nothing to post, as untyped code may give it: told before the job notes that a post begins. */
export function refuseNoMessage(message: unknown): void {
  if (typeof message === 'string' || (typeof message === 'object' && message !== null)) return
  throw new NonRetryableError(
    `ctx.reply takes a text or a message, and was given ${String(message)}`,
    undefined,
    'reply-unsupported',
  )
}

/** Interactions and commands are answered through the socket or a response URL, which this version does not do. */
export function refuseWhatNeedsTheSocket(event: HoldfastEvent): void {
  const interactive =
    event.type === 'discord.INTERACTION_CREATE' ||
    event.type === 'slack.slash_commands' ||
    event.type.startsWith('slack.interactive.')
  if (!interactive && event.type !== 'holdfast.gap') return
  throw new NonRetryableError(
    interactive
      ? `ctx.reply does not answer ${event.type} yet: answers to interactions come in a later version of @holdfast/worker`
      : 'holdfast.gap belongs to no conversation: there is nowhere to reply',
    undefined,
    'reply-unsupported',
  )
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
