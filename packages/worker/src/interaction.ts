import type { HoldfastEvent } from '@holdfast/events'
import { InteractionContextType, InteractionType, MessageFlags } from 'discord-api-types/v10'
import { NonRetryableError } from './errors.ts'
import { fieldsOf } from './payload.ts'
import type { DiscordMessage } from './reply-message.ts'

/**
 * What an answer to an interaction has to know of it.
 * https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
 */
export interface Interaction {
  readonly id: string
  /** Good for a first answer for 3 s, for everything after it for 15 minutes. */
  readonly token: string
  readonly applicationId: string
  /** The message whose component was pressed. */
  readonly pressedId: string | undefined
  /** The channel, where the bot may be able to post by itself; absent where it certainly is not. */
  readonly channelId: string | undefined
}

export function isInteraction(event: HoldfastEvent): boolean {
  return event.type === 'discord.INTERACTION_CREATE'
}

/** Throws `reply-unsupported` for what no message can answer. */
export function readInteraction(event: HoldfastEvent): Interaction {
  const data = fieldsOf(event.data)
  if (data.type === InteractionType.ApplicationCommandAutocomplete) {
    throw unsupported('an autocomplete interaction takes choices, not a message: use ctx.discord')
  }
  const { id, token, application_id } = data
  if (!isId(id) || !isId(application_id) || typeof token !== 'string' || token === '') {
    throw unsupported('this interaction has no id, token or application_id: there is nothing to answer to')
  }
  const { id: pressedId } = fieldsOf(data.message)
  return {
    id,
    token,
    applicationId: application_id,
    pressedId: typeof pressedId === 'string' ? pressedId : undefined,
    channelId: typeof data.channel_id === 'string' && !isOutside(data) ? data.channel_id : undefined,
  }
}

/** Whether only the person who acted may see the message. */
export function isEphemeral(message: DiscordMessage): boolean {
  return ((message.flags ?? 0) & MessageFlags.Ephemeral) !== 0
}

/** Another's direct messages, or a guild where a person brought the app along: the bot is no member there. */
function isOutside(data: Readonly<Record<string, unknown>>): boolean {
  if (data.context === InteractionContextType.PrivateChannel) return true
  const owners = data.authorizing_integration_owners
  const inGuild = data.context === InteractionContextType.Guild
  return inGuild && typeof owners === 'object' && owners !== null && !('0' in owners)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^\d+$/.test(value)
}

function unsupported(message: string): NonRetryableError {
  return new NonRetryableError(message, undefined, 'reply-unsupported')
}
