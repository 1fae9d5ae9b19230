import { ButtonStyle, Client, ComponentType, Events, version } from 'discord.js'
import { Notes } from '../notes.ts'
import type { Bot, BotOptions, Library, Told } from './library.ts'

/** discord.js, which brings a @discordjs/ws of its own. */
export const discordJs: Library = {
  name: `discord.js ${version}`,
  habits: {
    refusedResume: 'resumes',
    passesDuplicates: false,
    identifiesAfter: [1000, 4005, 4008],
    compressions: [],
  },
  make,
}

function make({ at, token, shardCount, intents }: BotOptions): Bot {
  const told = new Notes<Told>()
  const client = new Client({
    intents,
    shards: Array.from({ length: shardCount }, (_, id) => id),
    shardCount,
    rest: { api: at.discordApiUrl.replace('/v10', '') },
  })
  tell(client, told)
  const textChannel = async (id: string) => {
    const channel = await client.channels.fetch(id)
    if (!channel?.isSendable()) throw new Error(`discord.js can't send to ${id}`)
    return channel
  }
  return {
    told,
    start: () => client.login(token),
    say: async (channel, text) => (await textChannel(channel)).send(text),
    async offer(channel, content, customId) {
      const button = {
        type: ComponentType.Button,
        style: ButtonStyle.Primary,
        label: customId,
        customId,
      } as const
      const components = [{ type: ComponentType.ActionRow, components: [button] } as const]
      return (await (await textChannel(channel)).send({ content, components })).id
    },
    react: async (channel, message, emoji) =>
      (await (await textChannel(channel)).messages.fetch(message)).react(emoji),
    countMembers: async (guild) => (await (await client.guilds.fetch(guild)).members.fetch()).size,
    stop: () => client.destroy(),
  }
}

function tell(client: Client, told: Notes<Told>): void {
  client.on(Events.ShardReady, (shard) => told.take({ what: 'ready', shard }))
  client.on(Events.ShardResume, (shard) => told.take({ what: 'resumed', shard }))
  client.on(Events.ShardError, ({ message: text }) => told.take({ what: 'error', text }))
  client.on(Events.Error, ({ message: text }) => told.take({ what: 'error', text }))
  client.on(Events.Debug, (line) => {
    const shard = /Shard (\d+)\] Heartbeat acknowledged/.exec(line)?.[1]
    if (shard) told.take({ what: 'heartbeat', shard: Number(shard) })
  })
  client.on(Events.MessageCreate, ({ content: text, guild }) =>
    told.take({ what: 'message', text, shard: guild?.shardId ?? -1 }),
  )
  client.on(Events.MessageReactionAdd, ({ emoji }) =>
    told.take({ what: 'reaction', emoji: emoji.name ?? '' }),
  )
  client.on(Events.InteractionCreate, (interaction) => {
    if (!interaction.isChatInputCommand() && !interaction.isButton()) return
    const name = interaction.isButton() ? interaction.customId : interaction.commandName
    told.take({ what: 'interaction', name })
    interaction
      .reply(`answer to ${name}`)
      .catch((error: Error) => told.take({ what: 'error', text: error.message }))
  })
}
