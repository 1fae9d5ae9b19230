/**
 * Discord's gateway intents by name, as bit numbers.
 * https://docs.discord.com/developers/events/gateway#list-of-intents
 */
const INTENT_BITS = {
  GUILDS: 0,
  GUILD_MEMBERS: 1,
  GUILD_MODERATION: 2,
  GUILD_EXPRESSIONS: 3,
  GUILD_INTEGRATIONS: 4,
  GUILD_WEBHOOKS: 5,
  GUILD_INVITES: 6,
  GUILD_VOICE_STATES: 7,
  GUILD_PRESENCES: 8,
  GUILD_MESSAGES: 9,
  GUILD_MESSAGE_REACTIONS: 10,
  GUILD_MESSAGE_TYPING: 11,
  DIRECT_MESSAGES: 12,
  DIRECT_MESSAGE_REACTIONS: 13,
  DIRECT_MESSAGE_TYPING: 14,
  MESSAGE_CONTENT: 15,
  GUILD_SCHEDULED_EVENTS: 16,
  AUTO_MODERATION_CONFIGURATION: 20,
  AUTO_MODERATION_EXECUTION: 21,
  GUILD_MESSAGE_POLLS: 24,
  DIRECT_MESSAGE_POLLS: 25,
} as const

/** An intent by Discord's name for it. */
type IntentName = keyof typeof INTENT_BITS

/** Every intent that the configuration accepts. */
export const INTENT_NAMES = Object.keys(INTENT_BITS) as [IntentName, ...IntentName[]]

/** The `intents` number of Discord's identify. */
export function intentBits(names: readonly IntentName[]): number {
  return names.reduce((bits, name) => bits | (1 << INTENT_BITS[name]), 0)
}
