import { personName } from '../person-names.ts'
import { PRIVILEGED_INTENTS } from './intents.ts'

/** A bot and its application; their ids differ, as they may. */
export interface DiscordBot {
  /** The bot user's id. */
  readonly id: string
  readonly applicationId: string
  readonly username: string
  readonly token: string
  /** Its slash commands, until it registers others. */
  readonly commands?: readonly DiscordCommand[]
  /** Which privileged intents are switched on; all of them when absent. */
  readonly privilegedIntents?: number
}

/** A slash command. */
export interface DiscordCommand {
  readonly name: string
  readonly description: string
}

/** A person. */
export interface DiscordUser {
  readonly id: string
  readonly username: string
}

/** A text channel of a guild, or a thread in one. */
export interface DiscordChannel {
  readonly id: string
  readonly guildId: string
  readonly name: string
  /** What makes it a thread. */
  readonly thread?: {
    /** The channel in which it is. */
    readonly parentId: string
    readonly ownerId: string
    /** As Discord writes instants. */
    readonly createdAt: string
  }
}

/** A thread: a channel with the id of the message that it began with. */
export type DiscordThread = Required<DiscordChannel>

/** A guild. Without `bots`, every bot is in it. */
export interface DiscordGuild {
  readonly id: string
  readonly name: string
  readonly bots?: readonly string[]
  readonly channels: readonly { readonly id: string; readonly name: string }[]
}

/** All that a fake Discord starts with. */
export interface DiscordPopulation {
  readonly bots: readonly DiscordBot[]
  readonly users: readonly DiscordUser[]
  readonly guilds: readonly DiscordGuild[]
}

/** How many of each a made-up population has; channels are per guild. */
export interface DiscordPopulationSize {
  readonly bots?: number
  readonly users?: number
  readonly guilds?: number
  readonly channels?: number
}

/** As many bots (2), users (3), guilds (1) and channels per guild (2) as asked for. Guild n is on shard n % count. */
export function makeDiscordPopulation(size: DiscordPopulationSize = {}): DiscordPopulation {
  const channelCount = size.channels ?? 2
  return {
    bots: times(size.bots ?? 2, (n) => ({
      id: snowflake(1_000, n),
      applicationId: snowflake(2_000, n),
      username: n === 1 ? 'otter' : `otter-${n}`,
      token: `${Buffer.from(snowflake(1_000, n)).toString('base64url')}.simulated.${n}`,
    })),
    users: times(size.users ?? 3, (n) => ({ id: snowflake(3_000, n), username: personName(n) })),
    guilds: times(size.guilds ?? 1, (guild) => ({
      id: snowflake(10_000, guild),
      name: `Kelp Forest ${guild}`,
      channels: times(channelCount, (n) => ({
        id: snowflake(100_000 + guild * channelCount, n),
        name: n === 1 ? 'general' : `reef-${n}`,
      })),
    })),
  }
}

function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}

/** Older than any id that is issued at run time. The lowest bits are set, so that rounding to a double changes it. */
function snowflake(range: number, n: number): string {
  return String((BigInt(100_000_000_000 + range * 100 + n) << 22n) + 1n)
}

// Discord's own bound: "Maximum number of active threads reached".
const ACTIVE_THREADS = 1_000

/**
 * Who and what exists on the fake Discord. Fixed at the start, but for tokens that are revoked or reset, and threads that
 * people and bots start.
 */
export class DiscordDirectory {
  readonly bots: readonly DiscordBot[]
  readonly users: readonly DiscordUser[]
  readonly guilds: readonly DiscordGuild[]
  readonly channels: readonly DiscordChannel[]
  readonly #revoked = new Set<DiscordBot>()
  readonly #threads = new Map<string, DiscordThread>()
  readonly #channelById: ReadonlyMap<string, DiscordChannel>
  readonly #channelsByGuild: ReadonlyMap<string, readonly DiscordChannel[]>
  readonly #botsByGuild: ReadonlyMap<string, readonly DiscordBot[]>

  constructor({ bots, users, guilds }: DiscordPopulation) {
    this.bots = bots
    this.users = users
    this.guilds = guilds
    this.#channelsByGuild = new Map(
      guilds.map(({ id: guildId, channels }) => [
        guildId,
        channels.map(({ id, name }) => ({ id, guildId, name })),
      ]),
    )
    this.channels = [...this.#channelsByGuild.values()].flat()
    this.#channelById = new Map(this.channels.map((channel) => [channel.id, channel]))
    const inGuild = (guild: DiscordGuild) => bots.filter((bot) => guild.bots?.includes(bot.id) ?? true)
    this.#botsByGuild = new Map(guilds.map((guild) => [guild.id, inGuild(guild)]))
  }

  /** The bot of a token that is known and not revoked. */
  botOfToken(token: string): DiscordBot | undefined {
    return this.bots.find((bot) => bot.token === token && !this.#revoked.has(bot))
  }

  /** By bot user id or application id. */
  bot(id: string): DiscordBot | undefined {
    return this.bots.find((bot) => bot.id === id || bot.applicationId === id)
  }

  user(id: string): DiscordUser | undefined {
    return this.users.find((user) => user.id === id)
  }

  /** A text channel or a thread. */
  channel(id: string): DiscordChannel | undefined {
    return this.#channelById.get(id) ?? this.#threads.get(id)
  }

  /** The text channels of a guild, without threads. */
  channelsIn(guildId: string): readonly DiscordChannel[] {
    return this.#channelsByGuild.get(guildId) ?? []
  }

  thread(id: string): DiscordThread | undefined {
    return this.#threads.get(id)
  }

  /** Active threads of a guild, oldest first. */
  threadsIn(guildId: string): readonly DiscordThread[] {
    return [...this.#threads.values()].filter((thread) => thread.guildId === guildId)
  }

  /** Answers whether there was room for it: a guild has 1,000 active threads at most. */
  addThread(thread: DiscordThread): boolean {
    if (this.threadsIn(thread.guildId).length >= ACTIVE_THREADS) return false
    this.#threads.set(thread.id, thread)
    return true
  }

  botsIn(guildId: string): readonly DiscordBot[] {
    return this.#botsByGuild.get(guildId) ?? []
  }

  guildsOf(bot: DiscordBot): readonly DiscordGuild[] {
    return this.guilds.filter((guild) => this.botsIn(guild.id).includes(bot))
  }

  revoke(bot: DiscordBot): void {
    this.#revoked.add(bot)
  }
}

/** The privileged intents that are switched on for a bot. */
export function privilegedIntentsOf(bot: DiscordBot): number {
  return bot.privilegedIntents ?? PRIVILEGED_INTENTS
}
