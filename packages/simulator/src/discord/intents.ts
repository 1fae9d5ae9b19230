/** Intents by bit. Source: docs.discord.com, Gateway, List of Intents. */
export const INTENT = {
  GUILDS: 1 << 0,
  GUILD_MEMBERS: 1 << 1,
  GUILD_MODERATION: 1 << 2,
  GUILD_EXPRESSIONS: 1 << 3,
  GUILD_INTEGRATIONS: 1 << 4,
  GUILD_WEBHOOKS: 1 << 5,
  GUILD_INVITES: 1 << 6,
  GUILD_VOICE_STATES: 1 << 7,
  GUILD_PRESENCES: 1 << 8,
  GUILD_MESSAGES: 1 << 9,
  GUILD_MESSAGE_REACTIONS: 1 << 10,
  GUILD_MESSAGE_TYPING: 1 << 11,
  DIRECT_MESSAGES: 1 << 12,
  DIRECT_MESSAGE_REACTIONS: 1 << 13,
  DIRECT_MESSAGE_TYPING: 1 << 14,
  MESSAGE_CONTENT: 1 << 15,
  GUILD_SCHEDULED_EVENTS: 1 << 16,
  AUTO_MODERATION_CONFIGURATION: 1 << 20,
  AUTO_MODERATION_EXECUTION: 1 << 21,
  GUILD_MESSAGE_POLLS: 1 << 24,
  DIRECT_MESSAGE_POLLS: 1 << 25,
} as const

/** Intents that must be switched on for the application first. */
export const PRIVILEGED_INTENTS = INTENT.GUILD_MEMBERS | INTENT.GUILD_PRESENCES | INTENT.MESSAGE_CONTENT

const KNOWN_INTENTS = Object.values(INTENT).reduce((all, bit) => all | bit, 0)

/** Whether IDENTIFY may ask for these. */
export function areKnownIntents(intents: number): boolean {
  return Number.isInteger(intents) && intents >= 0 && (intents & ~KNOWN_INTENTS) === 0
}

// The first prefix that fits decides; a type that fits none needs no intent.
const INTENT_BY_PREFIX: readonly (readonly [prefix: string, guild: number, direct: number])[] = [
  ['GUILD_MEMBERS_CHUNK', 0, 0],
  ['GUILD_MEMBER_', INTENT.GUILD_MEMBERS, 0],
  ['GUILD_AUDIT_LOG_', INTENT.GUILD_MODERATION, 0],
  ['GUILD_BAN_', INTENT.GUILD_MODERATION, 0],
  ['GUILD_EMOJIS_', INTENT.GUILD_EXPRESSIONS, 0],
  ['GUILD_STICKERS_', INTENT.GUILD_EXPRESSIONS, 0],
  ['GUILD_SOUNDBOARD_', INTENT.GUILD_EXPRESSIONS, 0],
  ['GUILD_INTEGRATIONS_', INTENT.GUILD_INTEGRATIONS, 0],
  ['INTEGRATION_', INTENT.GUILD_INTEGRATIONS, 0],
  ['GUILD_SCHEDULED_EVENT_', INTENT.GUILD_SCHEDULED_EVENTS, 0],
  ['GUILD_', INTENT.GUILDS, 0],
  ['CHANNEL_PINS_', INTENT.GUILDS, INTENT.DIRECT_MESSAGES],
  ['CHANNEL_', INTENT.GUILDS, 0],
  ['THREAD_', INTENT.GUILDS, 0],
  ['STAGE_INSTANCE_', INTENT.GUILDS, 0],
  ['WEBHOOKS_', INTENT.GUILD_WEBHOOKS, 0],
  ['INVITE_', INTENT.GUILD_INVITES, 0],
  ['VOICE_STATE_', INTENT.GUILD_VOICE_STATES, 0],
  ['VOICE_CHANNEL_', INTENT.GUILD_VOICE_STATES, 0],
  ['PRESENCE_', INTENT.GUILD_PRESENCES, 0],
  ['MESSAGE_REACTION_', INTENT.GUILD_MESSAGE_REACTIONS, INTENT.DIRECT_MESSAGE_REACTIONS],
  ['MESSAGE_POLL_', INTENT.GUILD_MESSAGE_POLLS, INTENT.DIRECT_MESSAGE_POLLS],
  ['MESSAGE_', INTENT.GUILD_MESSAGES, INTENT.DIRECT_MESSAGES],
  ['TYPING_', INTENT.GUILD_MESSAGE_TYPING, INTENT.DIRECT_MESSAGE_TYPING],
  ['AUTO_MODERATION_ACTION_', INTENT.AUTO_MODERATION_EXECUTION, 0],
  ['AUTO_MODERATION_', INTENT.AUTO_MODERATION_CONFIGURATION, 0],
]

/** The intent without which a dispatch is not sent; 0 where none is needed. */
export function intentFor(type: string, inGuild: boolean): number {
  const found = INTENT_BY_PREFIX.find(([prefix]) => type.startsWith(prefix))
  if (!found) return 0
  const [, guild, direct] = found
  return inGuild ? guild : direct
}
