import { DiscordAPIError, type REST } from '@discordjs/rest'
import { type APIMessage, InteractionResponseType, MessageFlags, Routes } from 'discord-api-types/v10'
import type { Interaction } from './interaction.ts'
import { fieldsOf } from './payload.ts'
import type { DiscordMessage, DiscordReply } from './reply-message.ts'

/** What became of a first answer. Discord takes one per interaction, and within 3 s. */
export type Response =
  /** It went out; without `reply` where Discord did not say as what. */
  | { readonly kind: 'posted'; readonly reply: DiscordReply | undefined }
  | { readonly kind: 'already-answered' }
  | { readonly kind: 'too-late' }

/** What stands as the answer to an interaction. */
export type Original =
  | {
      readonly kind: 'message'
      readonly reply: DiscordReply
      /** It was deferred: the person sees that something is being thought about. */
      readonly loading: boolean
      readonly ephemeral: boolean
    }
  | { readonly kind: 'none' }
  /** The token's time is over, so that it can't be seen any more. */
  | { readonly kind: 'token-over' }

/** What became of a later answer. */
export type FollowUp =
  | { readonly kind: 'posted'; readonly reply: DiscordReply }
  | { readonly kind: 'token-over' }

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
const CODE = {
  UNKNOWN_MESSAGE: 10_008,
  UNKNOWN_WEBHOOK: 10_015,
  UNKNOWN_INTERACTION: 10_062,
  ALREADY_ACKNOWLEDGED: 40_060,
  INVALID_WEBHOOK_TOKEN: 50_027,
} as const

/** None of these calls needs the bot's token: the interaction's own is in the path. */
const AUTH = false

/**
 * The first answer. `posted`, `already-answered` and `too-late` are certain, and final for the interaction; rejects with
 * what the client throws for all else.
 */
export async function respond(
  rest: REST,
  { id, token }: Interaction,
  message: DiscordMessage,
): Promise<Response> {
  try {
    const answer = await rest.post(Routes.interactionCallback(id, token), {
      auth: AUTH,
      query: new URLSearchParams({ with_response: 'true' }),
      body: { type: InteractionResponseType.ChannelMessageWithSource, data: contentOf(message) },
    })
    return { kind: 'posted', reply: readReply(fieldsOf(fieldsOf(answer).resource).message) }
  } catch (error) {
    if (isRefusal(error, CODE.ALREADY_ACKNOWLEDGED)) return { kind: 'already-answered' }
    if (isRefusal(error, CODE.UNKNOWN_INTERACTION)) return { kind: 'too-late' }
    throw error
  }
}

/** What stands as the answer now. */
export async function readOriginal(rest: REST, { applicationId, token }: Interaction): Promise<Original> {
  try {
    const message = await rest.get(Routes.webhookMessage(applicationId, token), { auth: AUTH })
    const reply = readReply(message)
    if (reply === undefined) return { kind: 'none' }
    const flags = Number(fieldsOf(message).flags ?? 0)
    const has = (flag: MessageFlags) => (flags & flag) !== 0
    return {
      kind: 'message',
      reply,
      loading: has(MessageFlags.Loading),
      ephemeral: has(MessageFlags.Ephemeral),
    }
  } catch (error) {
    if (isRefusal(error, CODE.INVALID_WEBHOOK_TOKEN)) return { kind: 'token-over' }
    if (isRefusal(error, CODE.UNKNOWN_WEBHOOK, CODE.UNKNOWN_MESSAGE)) return { kind: 'none' }
    throw error
  }
}

/** Gives a deferred answer its content. Repeating it changes nothing. */
export async function fillOriginal(
  rest: REST,
  { applicationId, token }: Interaction,
  message: DiscordMessage,
): Promise<DiscordReply> {
  const { flags, ...content } = contentOf(message)
  // Who sees it was decided with the deferral; Discord takes the flag there only.
  const kept = (flags ?? 0) & ~MessageFlags.Ephemeral
  const body = kept === 0 ? content : { ...content, flags: kept }
  const { channel_id, id } = (await rest.patch(Routes.webhookMessage(applicationId, token), {
    auth: AUTH,
    body,
  })) as DiscordReply
  return { channel_id, id }
}

/** A later answer. `token-over` is certain: nothing was posted, and nothing will be with this token. */
export async function postFollowUp(
  rest: REST,
  { applicationId, token }: Interaction,
  message: DiscordMessage,
): Promise<FollowUp> {
  try {
    const body = contentOf(message)
    const { channel_id, id } = (await rest.post(Routes.webhook(applicationId, token), {
      auth: AUTH,
      body,
    })) as DiscordReply
    return { kind: 'posted', reply: { channel_id, id } }
  } catch (error) {
    if (isRefusal(error, CODE.INVALID_WEBHOOK_TOKEN, CODE.UNKNOWN_WEBHOOK)) return { kind: 'token-over' }
    throw error
  }
}

const PAGE_LENGTH = 100

/** Up to a page of the channel's messages after one of them, oldest first. Takes the bot's token and its right to read. */
export async function readMessagesAfter(
  rest: REST,
  channelId: string,
  after: string,
): Promise<{ readonly messages: readonly APIMessage[]; readonly isLast: boolean }> {
  const query = new URLSearchParams({ after, limit: String(PAGE_LENGTH) })
  const page = (await rest.get(Routes.channelMessages(channelId), { query })) as APIMessage[]
  return { messages: page.toSorted(byAge), isLast: page.length < PAGE_LENGTH }
}

/** Discord shows the command, or the message that was pressed on, above the answer by itself. */
function contentOf({ quote: _, ...content }: DiscordMessage): Omit<DiscordMessage, 'quote'> {
  return content
}

function readReply(message: unknown): DiscordReply | undefined {
  const { channel_id, id } = fieldsOf(message)
  return typeof channel_id === 'string' && typeof id === 'string' ? { channel_id, id } : undefined
}

function isRefusal(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof DiscordAPIError && typeof error.code === 'number' && codes.includes(error.code)
}

function byAge(one: APIMessage, other: APIMessage): number {
  return BigInt(one.id) < BigInt(other.id) ? -1 : 1
}
