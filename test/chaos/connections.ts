import {
  type DiscordPopulation,
  makeDiscordPopulation,
  makeSlackWorkspace,
  type SimulatorAddresses,
  type SlackWorkspace,
} from '@holdfast/simulator'

/** The three connections that every scenario has at once: one for each transport. */
export const CONNECTIONS = ['rtm', 'socket', 'discord'] as const
export type ConnectionName = (typeof CONNECTIONS)[number]

export const TRANSPORTS: Readonly<Record<ConnectionName, string>> = {
  rtm: 'Slack RTM',
  socket: 'Slack Socket Mode',
  discord: 'Discord',
}

/** Shards of the Discord connection; the stage has a guild for each. */
export const SHARD_COUNT = 2

/** RTM is the first Slack bot's, Socket Mode the second's, with one socket, so that its order is defined. */
export function configLine(
  name: ConnectionName,
  { slack, discord, ...at }: SimulatorAddresses,
  hasBadToken = false,
): string {
  const [first, second] = slack.bots.map(({ token, appToken }) =>
    hasBadToken ? { token: 'xoxb-nobody', appToken: 'xapp-nobody' } : { token, appToken },
  )
  const discordToken = hasBadToken ? 'nobody' : discord.bots[0]?.token
  switch (name) {
    case 'rtm':
      return `{ id: rtm, platform: slack, transport: rtm, botToken: ${first?.token}, apiUrl: '${at.slackApiUrl}' }`
    case 'socket':
      return `{ id: socket, platform: slack, transport: socket-mode, appToken: ${second?.appToken}, botToken: ${second?.token}, sockets: 1, apiUrl: '${at.slackApiUrl}' }`
    case 'discord':
      return `{ id: discord, platform: discord, token: ${discordToken}, intents: [GUILDS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, MESSAGE_CONTENT], shards: ${SHARD_COUNT}, apiUrl: '${at.discordApiUrl}' }`
    default:
      return name satisfies never
  }
}

/** The user id of the bot behind each connection. */
export function botsOf({ slack, discord }: SimulatorAddresses): Readonly<Record<ConnectionName, string>> {
  return {
    rtm: slack.bots[0]?.userId ?? '',
    socket: slack.bots[1]?.userId ?? '',
    discord: discord.bots[0]?.userId ?? '',
  }
}

/** In how many channels of its own each connection hears people talk. */
const CHANNEL_COUNT = 6

/** Two bots that have no channel in common: every message is an event for one connection, and no two share an order. */
export function slackWorkspace(): SlackWorkspace {
  const workspace = makeSlackWorkspace({ bots: 2, channels: 2 * CHANNEL_COUNT })
  const people = workspace.users.map(({ id }) => id)
  return {
    ...workspace,
    channels: workspace.channels.map((channel, index) => ({
      ...channel,
      members: [workspace.bots[index % 2]?.userId ?? '', ...people],
    })),
  }
}

export function discordPopulation(): DiscordPopulation {
  return makeDiscordPopulation({ bots: 1, guilds: SHARD_COUNT, channels: CHANNEL_COUNT / SHARD_COUNT })
}

/** The channels in which what people say is an event for this connection. */
export function channelsOf(name: ConnectionName, { slack, discord }: SimulatorAddresses): readonly string[] {
  if (name === 'discord') return discord.channels.map(({ id }) => id)
  const own = name === 'rtm' ? 0 : 1
  return slack.channels.filter((_, index) => index % 2 === own).map(({ id }) => id)
}

/** The platforms as they are reached through a tap. */
export function throughTap(at: SimulatorAddresses, origin: string): SimulatorAddresses {
  const [slackApiUrl, discordApiUrl] = [at.slackApiUrl, at.discordApiUrl].map((url) =>
    url.replace(at.url, origin),
  )
  return { ...at, slackApiUrl: slackApiUrl ?? '', discordApiUrl: discordApiUrl ?? '' }
}
