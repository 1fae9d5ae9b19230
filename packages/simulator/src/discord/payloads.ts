import type {
  DiscordBot,
  DiscordChannel,
  DiscordDirectory,
  DiscordGuild,
  DiscordThread,
  DiscordUser,
} from './directory.ts'
import type { DiscordSession } from './session.ts'

const JOINED_AT = '2025-01-01T00:00:00.000000+00:00'

/** A person as messages and members show them. */
export function showUser({ id, username }: DiscordUser) {
  return { id, username, discriminator: '0', global_name: username, avatar: null, public_flags: 0 }
}

/** A bot user, likewise. */
export function showBotUser({ id, username }: DiscordBot) {
  return { id, username, discriminator: '0000', global_name: null, avatar: null, public_flags: 0, bot: true }
}

/** A bot as it sees itself. */
export function showOwnUser(bot: DiscordBot) {
  return { ...showBotUser(bot), verified: true, mfa_enabled: false, email: null, flags: 0 }
}

/** What a guild adds to a user; the same for everybody here. */
export function showMember() {
  return { roles: [], nick: null, avatar: null, joined_at: JOINED_AT, deaf: false, mute: false, flags: 0 }
}

/** The partial application of READY and of interactions. */
export function showApplication({ applicationId: id, username: name }: DiscordBot) {
  return { id, name, icon: null, description: '', bot_public: false, bot_require_code_grant: false, flags: 0 }
}

/** A channel or thread as payloads show it. */
export function showChannel({ thread, ...channel }: DiscordChannel): object {
  if (thread) return showThread({ ...channel, thread })
  const { id, guildId, name } = channel
  return { id, type: 0, guild_id: guildId, name, position: 0, nsfw: false, permission_overwrites: [] }
}

/** A public thread. Source: docs.discord.com, Channel Resource and Threads. */
function showThread({ id, guildId, name, thread }: DiscordThread): object {
  const { parentId: parent_id, ownerId: owner_id, createdAt } = thread
  return {
    id,
    type: 11,
    guild_id: guildId,
    parent_id,
    owner_id,
    name,
    rate_limit_per_user: 0,
    flags: 0,
    member_count: 1,
    message_count: 0,
    total_message_sent: 0,
    thread_metadata: {
      archived: false,
      archive_timestamp: createdAt,
      auto_archive_duration: 1_440,
      locked: false,
      create_timestamp: createdAt,
    },
  }
}

/** The `d` of READY: guilds come as unavailable and follow one by one as GUILD_CREATE. */
export function readyPayload(
  session: DiscordSession,
  guilds: readonly DiscordGuild[],
  resumeUrl: string,
): string {
  const { bot, id, shard } = session
  return JSON.stringify({
    v: 10,
    user_settings: {},
    user: showOwnUser(bot),
    shard,
    session_type: 'normal',
    session_id: id,
    resume_gateway_url: resumeUrl,
    relationships: [],
    private_channels: [],
    presences: [],
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    guild_join_requests: [],
    geo_ordered_rtc_regions: [],
    application: { id: bot.applicationId, flags: 0 },
    _trace: ['simulator'],
  })
}

/** The role that everybody has. Source: docs.discord.com, Permissions, Role Object. */
function showEveryone(guildId: string) {
  return {
    id: guildId,
    name: '@everyone',
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: 0,
    permissions: '0',
    managed: false,
    mentionable: false,
    flags: 0,
  }
}

// What a guild must tell of itself, at its plainest. Source: docs.discord.com, Guild Resource, Guild Object.
const PLAIN_GUILD = {
  icon: null,
  splash: null,
  discovery_splash: null,
  banner: null,
  description: null,
  vanity_url_code: null,
  application_id: null,
  afk_channel_id: null,
  afk_timeout: 300,
  system_channel_id: null,
  system_channel_flags: 0,
  rules_channel_id: null,
  public_updates_channel_id: null,
  safety_alerts_channel_id: null,
  verification_level: 0,
  default_message_notifications: 0,
  explicit_content_filter: 0,
  mfa_level: 0,
  nsfw_level: 0,
  premium_tier: 0,
  premium_progress_bar_enabled: false,
  preferred_locale: 'en-US',
} as const

/** The `d` of the GUILD_CREATE that follows READY. */
export function guildPayload(directory: DiscordDirectory, guild: DiscordGuild): string {
  const bots = directory.botsIn(guild.id)
  const channels = directory.channelsIn(guild.id)
  return JSON.stringify({
    ...PLAIN_GUILD,
    id: guild.id,
    name: guild.name,
    owner_id: directory.users[0]?.id ?? null,
    joined_at: JOINED_AT,
    large: false,
    unavailable: false,
    member_count: bots.length + directory.users.length,
    members: bots.map((bot) => ({ user: showBotUser(bot), ...showMember() })),
    channels: channels.map(showChannel),
    roles: [showEveryone(guild.id)],
    threads: directory.threadsIn(guild.id).map(showThread),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    emojis: [],
    stickers: [],
    features: [],
  })
}
