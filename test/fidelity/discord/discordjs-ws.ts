import { REST } from '@discordjs/rest'
import {
  CompressionMethod,
  type SessionInfo,
  version,
  WebSocketManager,
  WebSocketShardEvents,
} from '@discordjs/ws'
import { GatewayDispatchEvents, GatewayOpcodes, InteractionResponseType, InteractionType } from 'discord.js'
import { Notes } from '../notes.ts'
import type { Bot, BotOptions, Library, Told } from './library.ts'

/** @discordjs/ws alone, as gateways for many workers use it, with @discordjs/rest. */
export const discordjsWs: Library = {
  name: `@discordjs/ws ${version}`,
  habits: {
    refusedResume: 'identifies',
    passesDuplicates: true,
    identifiesAfter: [1000, 4005, 4008],
    compressions: ['zlib-stream'],
  },
  make,
}

function make({ at, token, shardCount, intents, compress }: BotOptions): Bot {
  const told = new Notes<Told>()
  const rest = new REST({ version: '10', api: at.discordApiUrl.replace('/v10', '') }).setToken(token)
  // Its own store is one for all managers of the process, by shard id alone.
  const sessions = new Map<number, SessionInfo | null>()
  const manager = new WebSocketManager({
    retrieveSessionInfo: (shard) => sessions.get(shard) ?? null,
    updateSessionInfo: (shard, session) => void sessions.set(shard, session),
    token,
    intents,
    shardCount,
    rest,
    ...(compress && { compression: CompressionMethod.ZlibNative }),
  })
  const members = new Notes<{ readonly guild: string; readonly count: number }>()
  tell(manager, told, (id, callback, name) =>
    rest.post(`/interactions/${id}/${callback}/callback`, {
      auth: false,
      body: {
        type: InteractionResponseType.ChannelMessageWithSource,
        data: { content: `answer to ${name}` },
      },
    }),
  )
  manager.on(WebSocketShardEvents.Dispatch, ({ t, d }) => {
    if (t !== GatewayDispatchEvents.GuildMembersChunk) return
    members.take({ guild: d.guild_id, count: d.members.length })
  })
  return {
    told,
    start: () => manager.connect(),
    say: (channel, content) => rest.post(`/channels/${channel}/messages`, { body: { content } }),
    async offer(channel, content, custom_id) {
      const components = [{ type: 1, components: [{ type: 2, style: 1, label: custom_id, custom_id }] }]
      const posted = await rest.post(`/channels/${channel}/messages`, { body: { content, components } })
      return (posted as { id: string }).id
    },
    react: (channel, message, emoji) =>
      rest.put(`/channels/${channel}/messages/${message}/reactions/${encodeURIComponent(emoji)}/@me`),
    async countMembers(guild_id) {
      const d = { guild_id, query: '', limit: 0 }
      await manager.send(0, { op: GatewayOpcodes.RequestGuildMembers, d })
      return (await members.until(({ guild }) => guild === guild_id)).count
    },
    stop: async () => manager.destroy(),
  }
}

type Answer = (id: string, token: string, name: string) => Promise<unknown>

function tell(manager: WebSocketManager, told: Notes<Told>, answer: Answer): void {
  manager.on(WebSocketShardEvents.Ready, (_, shard) => told.take({ what: 'ready', shard }))
  manager.on(WebSocketShardEvents.Resumed, (shard) => told.take({ what: 'resumed', shard }))
  manager.on(WebSocketShardEvents.HeartbeatComplete, (_, shard) => told.take({ what: 'heartbeat', shard }))
  manager.on(WebSocketShardEvents.Error, ({ message: text }) => told.take({ what: 'error', text }))
  manager.on(WebSocketShardEvents.SocketError, ({ message: text }) => told.take({ what: 'error', text }))
  manager.on(WebSocketShardEvents.Dispatch, ({ t, d }, shard) => {
    if (t === GatewayDispatchEvents.MessageCreate) told.take({ what: 'message', text: d.content, shard })
    if (t === GatewayDispatchEvents.MessageReactionAdd)
      told.take({ what: 'reaction', emoji: d.emoji.name ?? '' })
    if (t !== GatewayDispatchEvents.InteractionCreate) return
    const name = nameOf(d)
    if (name === undefined) return
    told.take({ what: 'interaction', name })
    answer(d.id, d.token, name).catch((error: Error) => told.take({ what: 'error', text: error.message }))
  })
}

function nameOf(d: { type: InteractionType; data?: object | undefined }): string | undefined {
  const data = d.data as { name?: string; custom_id?: string } | undefined
  return d.type === InteractionType.MessageComponent ? data?.custom_id : data?.name
}
