import { firstTextAt, type JsonObject, numberAt, textAt } from './field.ts'
import { secondsInstant, snowflakeInstant, writtenInstant } from './instant.ts'

/*
 * Where things are in Discord's dispatches. https://docs.discord.com/developers/events/gateway-events
 */

/** Dispatch names are words of capitals; they become part of a routing pattern and of a metric's label. */
export const DISCORD_TYPE = /^[A-Z][A-Z0-9_]{0,99}$/

/** Dispatches about a channel or thread: their own `id` is the conversation, where they don't name it as `channel_id`. */
const ABOUT_A_CHANNEL = /^(CHANNEL|THREAD|VOICE_CHANNEL)_/

/** Dispatches about a guild: their own `id` is the workspace. */
const ABOUT_A_GUILD = /^GUILD_(CREATE|UPDATE|DELETE)$/

const CONVERSATION_PATHS = [['channel_id'], ['channel', 'id']]

const ACTOR_PATHS = [['author', 'id'], ['user_id'], ['member', 'user', 'id'], ['user', 'id']]

/** Types whose doer is elsewhere, or that name only someone it happened to (an empty list: nobody is named). */
const ACTOR_PATHS_BY_TYPE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  THREAD_CREATE: [['owner_id']],
  INVITE_CREATE: [['inviter', 'id']],
  GUILD_SCHEDULED_EVENT_CREATE: [['creator_id']],
  GUILD_BAN_ADD: [],
  GUILD_BAN_REMOVE: [],
  READY: [],
}

const TIME_BY_TYPE: Readonly<Record<string, (data: JsonObject) => string | undefined>> = {
  MESSAGE_CREATE: (data) => writtenInstant(textAt(data, 'timestamp')) ?? madeAt(data),
  MESSAGE_UPDATE: (data) => writtenInstant(textAt(data, 'edited_timestamp')),
  INTERACTION_CREATE: madeAt,
  CHANNEL_CREATE: madeAt,
  GUILD_AUDIT_LOG_ENTRY_CREATE: madeAt,
  // Also sent when the bot is added to an old thread.
  THREAD_CREATE: (data) => (data.newly_created === true ? madeAt(data) : undefined),
  GUILD_MEMBER_ADD: (data) => writtenInstant(textAt(data, 'joined_at')),
  TYPING_START: (data) => secondsInstant(numberAt(data, 'timestamp')),
}

/** The channel or thread; a message in a thread names the thread. */
export function conversationOf(type: string, data: JsonObject): string | undefined {
  return (
    firstTextAt(data, CONVERSATION_PATHS) ?? (ABOUT_A_CHANNEL.test(type) ? textAt(data, 'id') : undefined)
  )
}

/** The guild it happened in; nothing for direct messages. */
export function guildOf(type: string, data: JsonObject): string | undefined {
  return textAt(data, 'guild_id') ?? (ABOUT_A_GUILD.test(type) ? textAt(data, 'id') : undefined)
}

/**
 * The user who did it, where the dispatch says so. A webhook's message has the webhook for its author, and that is no
 * user. https://docs.discord.com/developers/resources/message#message-object
 */
export function doerOf(type: string, data: JsonObject): string | undefined {
  const doer = firstTextAt(data, ACTOR_PATHS_BY_TYPE[type] ?? ACTOR_PATHS)
  return doer !== undefined && doer === textAt(data, 'webhook_id') ? undefined : doer
}

/** When it happened, for the types that say so. */
export function instantOf(type: string, data: JsonObject): string | undefined {
  return TIME_BY_TYPE[type]?.(data)
}

function madeAt(data: JsonObject): string | undefined {
  return snowflakeInstant(textAt(data, 'id'))
}
