import type { REST } from '@discordjs/rest'
import type { HoldfastEvent } from '@holdfast/events'
import { type RESTPostAPIChannelMessageJSONBody, Routes } from 'discord-api-types/v10'
import { NonRetryableError } from './errors.ts'
import { fieldsOf } from './payload.ts'
import type { DiscordMessage, DiscordReply } from './reply-message.ts'

/**
 * Posts in the event's channel. Repeating the call gives the message that exists already, for the few minutes that
 * Discord remembers a nonce of the same author: https://docs.discord.com/developers/resources/message#create-message
 */
export async function postToDiscord(
  rest: REST,
  event: HoldfastEvent,
  nonce: string,
  message: DiscordMessage,
): Promise<DiscordReply> {
  const target = readTarget(event)
  const { quote, ...content } = message
  const body: RESTPostAPIChannelMessageJSONBody = { ...content, nonce, enforce_nonce: true }
  if (quote && target.messageId !== undefined) {
    body.message_reference = { message_id: target.messageId, fail_if_not_exists: false }
  }
  const posted = (await rest.post(Routes.channelMessages(target.channelId), { body })) as DiscordReply
  return { channel_id: posted.channel_id, id: posted.id }
}

interface Target {
  readonly channelId: string
  /** The message that a quote shows; absent where the event is about none. */
  readonly messageId: string | undefined
}

function readTarget(event: HoldfastEvent): Target {
  const { channel_id: channelId, id, message_id } = fieldsOf(event.data)
  if (typeof channelId !== 'string') {
    throw new NonRetryableError(
      `${event.type} names no channel to reply in: use ctx.discord inside a ctx.step`,
      undefined,
      'reply-unsupported',
    )
  }
  const messageId = event.type.startsWith('discord.MESSAGE_') ? (message_id ?? id) : undefined
  return { channelId, messageId: typeof messageId === 'string' ? messageId : undefined }
}
