import type { SimulatorAddresses } from '@holdfast/simulator'

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
      return `{ id: discord, platform: discord, token: ${discordToken}, intents: [GUILDS, GUILD_MESSAGES, MESSAGE_CONTENT], shards: ${SHARD_COUNT}, apiUrl: '${at.discordApiUrl}' }`
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
