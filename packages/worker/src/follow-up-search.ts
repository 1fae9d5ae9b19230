import type { REST } from '@discordjs/rest'
import type { Clock } from '@holdfast/runtime'
import type { APIMessage } from 'discord-api-types/v10'
import { NonRetryableError } from './errors.ts'
import { type Interaction, isEphemeral } from './interaction.ts'
import { readMessagesAfter } from './interaction-calls.ts'
import { fieldsOf } from './payload.ts'
import { readPlatformProblem } from './platform-problem.ts'
import type { DiscordMessage, DiscordReply } from './reply-message.ts'
import type { ReplyNotes } from './reply-notes.ts'
import { settled } from './settling.ts'

/** Enough for 1,000 messages since the interaction. Beyond, whether we followed up can't be told. */
const MAX_PAGE_COUNT = 10

/** What to look for, and with what. */
interface Search {
  readonly rest: REST
  readonly interaction: Interaction
  readonly message: DiscordMessage
  readonly steps: Pick<ReplyNotes, 'replies'>
  readonly clock: Clock
}

/**
 * The follow-up that an earlier run posted at or after `beganAt`, or undefined if there is none: the oldest to this
 * interaction in its channel that is no other reply of the job. Rejects with `reply-uncertain` where that can't be told.
 */
export async function findFollowUp(search: Search, beganAt: number): Promise<DiscordReply | undefined> {
  const { channelId } = search.interaction
  if (isEphemeral(search.message)) throw uncertain('an ephemeral message is not shown in the channel')
  if (channelId === undefined) throw uncertain('the bot can not read this channel')
  await settled(search.clock, beganAt)
  return explained(() => searchChannel(search, channelId))
}

async function searchChannel(
  { rest, interaction, steps }: Search,
  channelId: string,
): Promise<DiscordReply | undefined> {
  const known = new Set(steps.replies.map((result) => fieldsOf(result).id))
  let after = interaction.id
  for (let page = 0; page < MAX_PAGE_COUNT; page += 1) {
    const { messages, isLast } = await readMessagesAfter(rest, channelId, after)
    const own = messages.find((message) => isFollowUp(message, interaction) && !known.has(message.id))
    if (own) return { channel_id: own.channel_id, id: own.id }
    if (isLast) return undefined
    after = messages.at(-1)?.id ?? after
  }
  throw uncertain(`more than ${MAX_PAGE_COUNT} pages of messages in the channel since the interaction`)
}

/** https://docs.discord.com/developers/resources/message#message-interaction-metadata-object */
function isFollowUp(message: APIMessage, { id, applicationId }: Interaction): boolean {
  const metadata = message.interaction_metadata
  return (
    message.application_id === applicationId &&
    metadata?.id === id &&
    metadata.original_response_message_id !== undefined
  )
}

async function explained<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find()
  } catch (error) {
    const problem = readPlatformProblem(error)
    if (problem?.kind !== 'refused') throw error
    throw uncertain(
      `Discord refused the look-up with ${problem.reason}; it needs to read the channel and its history`,
      error,
    )
  }
}

function uncertain(why: string, cause?: unknown): NonRetryableError {
  return new NonRetryableError(
    `can't tell whether this follow-up was posted: ${why}`,
    { cause },
    'reply-uncertain',
  )
}
