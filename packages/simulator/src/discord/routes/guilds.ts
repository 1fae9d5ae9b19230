import type { DiscordChannel, DiscordGuild } from '../directory.ts'
import { showChannel } from '../payloads.ts'
import {
  type BotCall,
  type DiscordWorld,
  invalidField,
  MISSING_ACCESS,
  type RestAnswer,
  type Route,
  UNKNOWN_GUILD,
} from '../route.ts'
import { compareSnowflakes } from '../snowflakes.ts'

const GUILD_COUNT = 200

/** The guilds of a bot, and what is in each. Sources: docs.discord.com, User and Guild Resources. */
export const GUILD_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/users/@me/guilds', auth: 'bot', handle: listGuilds },
  { method: 'GET', path: '/guilds/:guild/channels', auth: 'bot', handle: listChannels },
  { method: 'GET', path: '/guilds/:guild/threads/active', auth: 'bot', handle: listActiveThreads },
]

/** By id, oldest first; `before` and `after` as Discord has them, the latter alone where both are given. */
function listGuilds({ directory }: DiscordWorld, { bot, query }: BotCall): RestAnswer {
  const { limit = GUILD_COUNT, after, before } = query
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > GUILD_COUNT)
    return invalidField('limit', 'NUMBER_TYPE_MAX', `int value should be between 1 and ${GUILD_COUNT}.`)
  const all = directory.guildsOf(bot).toSorted((a, b) => compareSnowflakes(a.id, b.id))
  const following = all.filter(({ id }) => after === undefined || compareSnowflakes(id, String(after)) > 0)
  if (after !== undefined || before === undefined)
    return { status: 200, body: following.slice(0, count).map(showPartialGuild) }
  const preceding = all.filter(({ id }) => compareSnowflakes(id, String(before)) < 0)
  return { status: 200, body: preceding.slice(-count).map(showPartialGuild) }
}

/** "Does not include threads." */
function listChannels(world: DiscordWorld, call: BotCall): RestAnswer {
  return inGuild(world, call, ({ id }) => ({
    status: 200,
    body: world.directory.channelsIn(id).map((channel) => withLastMessage(world, channel)),
  }))
}

/** "Threads are ordered by their `id`, in descending order." */
function listActiveThreads(world: DiscordWorld, call: BotCall): RestAnswer {
  return inGuild(world, call, ({ id }) => {
    const threads = world.directory.threadsIn(id).toSorted((a, b) => compareSnowflakes(b.id, a.id))
    return {
      status: 200,
      body: { threads: threads.map((thread) => withLastMessage(world, thread)), members: [] },
    }
  })
}

function inGuild(
  { directory }: DiscordWorld,
  { bot, params }: BotCall,
  then: (guild: DiscordGuild) => RestAnswer,
): RestAnswer {
  const guild = directory.guilds.find(({ id }) => id === params.guild)
  if (!guild) return UNKNOWN_GUILD
  return directory.guildsOf(bot).includes(guild) ? then(guild) : MISSING_ACCESS
}

/** `last_message_id`: "may not point to an existing or valid message", for it stays when that one is deleted. */
function withLastMessage({ messages }: DiscordWorld, channel: DiscordChannel): object {
  return { ...showChannel(channel), last_message_id: messages.lastId(channel.id) ?? null }
}

function showPartialGuild({ id, name }: DiscordGuild) {
  return { id, name, icon: null, banner: null, owner: false, permissions: '0', features: [] }
}
