import type { DiscordChannel } from './directory.ts'
import type { DiscordMessage } from './messages.ts'
import type { showBotUser, showUser } from './payloads.ts'
import { showMember } from './payloads.ts'

/** Whether it may stand below a message: the characters themselves, not a name. Custom emoji are not simulated. */
export function isEmoji(emoji: string): boolean {
  return emoji !== '' && !/^[\w:-]+$/.test(emoji)
}

/** The message with one more reaction below it, or nothing where this user's is there already. */
export function withReaction(
  message: DiscordMessage,
  emoji: string,
  userId: string,
): DiscordMessage | undefined {
  const reactions = message.reactions ?? []
  const known = reactions.find((reaction) => reaction.emoji.name === emoji)
  if (known?.users.includes(userId)) return undefined
  const users = [...(known?.users ?? []), userId]
  const reaction = { emoji: { id: null, name: emoji }, count: users.length, users }
  if (!known) return { ...message, reactions: [...reactions, reaction] }
  return { ...message, reactions: reactions.map((other) => (other === known ? reaction : other)) }
}

/** The `d` of MESSAGE_REACTION_ADD. Source: docs.discord.com, Gateway Events, Message Reaction Add. */
export function reactionPayload(
  user: ReturnType<typeof showUser> | ReturnType<typeof showBotUser>,
  channel: DiscordChannel,
  message: DiscordMessage,
  emoji: string,
): object {
  return {
    user_id: user.id,
    type: 0,
    message_id: message.id,
    message_author_id: message.author.id,
    member: { user, ...showMember() },
    guild_id: channel.guildId,
    emoji: { id: null, name: emoji },
    channel_id: channel.id,
    burst: false,
  }
}
