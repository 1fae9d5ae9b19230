import {
  ButtonStyles,
  Client,
  ComponentTypes,
  Constants,
  InteractionTypes,
  type MessageActionRow,
  type TextButton,
} from 'oceanic.js'
import { Notes } from '../notes.ts'
import type { Bot, BotOptions, Library, Told } from './library.ts'

/** oceanic.js: of another family than discord.js, with its own websocket code and its own REST. */
export const oceanic: Library = {
  name: `oceanic.js ${Constants.VERSION}`,
  habits: {
    refusedResume: 'resumes',
    passesDuplicates: true,
    identifiesAfter: [],
    compressions: ['zlib-stream', 'zstd-stream'],
  },
  make,
}

function make({ at, token, shardCount, intents, compress }: BotOptions): Bot {
  const told = new Notes<Told>()
  const client = new Client({
    auth: `Bot ${token}`,
    rest: { baseURL: at.discordApiUrl },
    gateway: {
      intents,
      maxShards: shardCount,
      guildCreateTimeout: 100,
      ...(compress && { compress }),
      override: { timeBetweenShardConnects: 500, appendQuery: true, gatewayURLIsResumeURL: false },
    },
  })
  tell(client, told)
  return {
    told,
    start: () => client.connect(),
    say: (channel, content) => client.rest.channels.createMessage(channel, { content }),
    async offer(channel, content, customID) {
      const button: TextButton = {
        type: ComponentTypes.BUTTON,
        style: ButtonStyles.PRIMARY,
        label: customID,
        customID,
      }
      const row: MessageActionRow = { type: ComponentTypes.ACTION_ROW, components: [button] }
      return (await client.rest.channels.createMessage(channel, { content, components: [row] })).id
    },
    react: (channel, message, emoji) => client.rest.channels.createReaction(channel, message, emoji),
    async countMembers(guild) {
      return ((await client.guilds.get(guild)?.fetchMembers()) ?? []).length
    },
    async stop() {
      client.disconnect(false)
    },
  }
}

function tell(client: Client, told: Notes<Told>): void {
  client.on('shardReady', (shard) => told.take({ what: 'ready', shard }))
  client.on('shardResume', (shard) => told.take({ what: 'resumed', shard }))
  client.on('debug', (line) => {
    if (String(line).startsWith('{"op":1,')) told.take({ what: 'heartbeat', shard: 0 })
  })
  client.on('error', (error) => told.take({ what: 'error', text: String(error) }))
  client.on('messageCreate', ({ content: text, guildID }) =>
    told.take({ what: 'message', text, shard: client.guildShardMap.get(guildID ?? '') ?? -1 }),
  )
  client.on('messageReactionAdd', (_, __, { emoji }) => told.take({ what: 'reaction', emoji: emoji.name }))
  client.on('interactionCreate', (interaction) => {
    if (
      interaction.type !== InteractionTypes.APPLICATION_COMMAND &&
      interaction.type !== InteractionTypes.MESSAGE_COMPONENT
    )
      return
    const { data } = interaction
    const name = 'customID' in data ? data.customID : data.name
    told.take({ what: 'interaction', name })
    interaction
      .createMessage({ content: `answer to ${name}` })
      .catch((error: Error) => told.take({ what: 'error', text: error.message }))
  })
}
