import { buttonsIn } from '../discord/components.ts'
import type { DiscordBot, DiscordGuild } from '../discord/directory.ts'
import type { FakeDiscord } from '../discord/fake-discord.ts'
import type { DiscordMessage } from '../discord/messages.ts'
import type { ChatSource, StoredChatMessage } from './chat-source.ts'
import type { ChatButton, ChatThread, PagePlatform } from './feed.ts'

// As Discord numbers them, from 1.
const STYLES: readonly ChatButton['style'][] = ['primary', 'secondary', 'success', 'danger']

/** The fake Discord as the page shows it: its first guild, seen by the first of its people. */
export class DiscordChat implements ChatSource {
  readonly platform = 'discord'
  readonly botId: string
  readonly #discord: FakeDiscord
  readonly #guild: DiscordGuild
  readonly #bot: DiscordBot
  readonly #me: string

  constructor(discord: FakeDiscord, guild: DiscordGuild, bot: DiscordBot) {
    this.#discord = discord
    this.#guild = guild
    this.#bot = bot
    this.botId = bot.id
    this.#me = discord.directory.users[0]?.id ?? ''
  }

  describe(): PagePlatform {
    const { name, channels } = this.#guild
    const online = this.#discord.sessions.of(this.#bot).length > 0
    const commands = this.#discord.commandsOf(this.#bot)
    return {
      platform: this.platform,
      name,
      bot: { id: this.botId, name: this.#bot.username, online },
      channels: channels.map((channel) => ({ id: channel.id, name: channel.name })),
      people: this.#discord.directory.users.map(({ id, username }) => ({ id, name: username })),
      me: this.#me,
      commands: commands.map((command) => ({ name: command.name, description: command.description })),
    }
  }

  version(): string {
    return String(this.#discord.commandsVersion)
  }

  channelOf(lane: string): string | undefined {
    const channel = this.#discord.directory.channel(lane)
    if (channel?.guildId !== this.#guild.id) return undefined
    return channel.thread?.parentId ?? channel.id
  }

  has(lane: string, id: string): boolean {
    return this.#discord.message(lane, id) !== undefined
  }

  message(lane: string, id: string): StoredChatMessage | undefined {
    const message = this.#discord.message(lane, id)
    const channel = this.channelOf(lane)
    if (!message || channel === undefined) return undefined
    return {
      platform: this.platform,
      channel,
      id,
      at: Date.parse(message.timestamp),
      ...(lane !== channel && { thread: lane }),
      author: authorOf(message),
      text: message.content,
      edited: message.edited_timestamp !== null,
      ...quoteOf(message),
      buttons: buttonsIn(message.components).map(({ customId, label, style }) => ({
        customId,
        label,
        style: STYLES[style - 1] ?? 'secondary',
      })),
      reactions: (message.reactions ?? []).map(({ emoji, count, users }) => ({
        name: emoji.name,
        count,
        mine: users.includes(this.#me),
      })),
    }
  }

  threadOf(lane: string): ChatThread | undefined {
    const thread = this.#discord.directory.thread(lane)
    if (thread?.guildId !== this.#guild.id) return undefined
    return { platform: this.platform, channel: thread.thread.parentId, id: thread.id, name: thread.name }
  }
}

function authorOf({ author }: DiscordMessage): StoredChatMessage['author'] {
  return { id: author.id, name: author.username, bot: 'bot' in author }
}

function quoteOf({ message_reference: reference }: DiscordMessage): { quotes?: string } {
  if (!reference || !('message_id' in reference)) return {}
  return { quotes: String(reference.message_id) }
}
