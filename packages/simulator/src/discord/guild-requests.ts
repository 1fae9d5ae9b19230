import type { DiscordDirectory } from './directory.ts'
import type { ChannelInfoRequest } from './gateway-frame.ts'
import type { DiscordSession } from './session.ts'

/**
 * Answers what a bot asks about guilds beside their members. Guilds in which the bot is not are left out. There are
 * neither sounds nor voice here, so the answers are empty. Source: docs.discord.com, Gateway Events, Request Soundboard
 * Sounds and Request Channel Info.
 */
export class GuildRequests {
  readonly #directory: DiscordDirectory

  constructor(directory: DiscordDirectory) {
    this.#directory = directory
  }

  /** Op 31: SOUNDBOARD_SOUNDS for each guild. */
  sounds(session: DiscordSession, guildIds: readonly string[]): void {
    for (const guild_id of guildIds) {
      if (!this.#knows(session, guild_id)) continue
      session.dispatch('SOUNDBOARD_SOUNDS', JSON.stringify({ soundboard_sounds: [], guild_id }))
    }
  }

  /** Op 43: CHANNEL_INFO with the fields that were asked for. */
  channelInfo(session: DiscordSession, { guildId, fields }: ChannelInfoRequest): void {
    if (!this.#knows(session, guildId)) return
    const known = ['status', 'voice_start_time'].filter((field) => fields.includes(field))
    const nothing = Object.fromEntries(known.map((field) => [field, null]))
    const channels = this.#directory.channelsIn(guildId).map(({ id }) => ({ id, ...nothing }))
    session.dispatch('CHANNEL_INFO', JSON.stringify({ guild_id: guildId, channels }))
  }

  #knows({ bot }: DiscordSession, guildId: string): boolean {
    return this.#directory.botsIn(guildId).includes(bot)
  }
}
