import type { SlackBot } from './directory.ts'
import type { SlackSocket } from './slack-socket.ts'

/** A bot's sockets as `/control/state` shows them. */
export interface SlackBotState {
  readonly bot: string
  readonly name: string
  readonly presence: 'online' | 'offline'
  readonly sockets: readonly {
    readonly socket: number
    readonly transport: SlackSocket['transport']
    readonly frozen: boolean
    readonly delayed: boolean
  }[]
}

/** What `/control/state` tells of a bot with these sockets. */
export function showBotState(bot: SlackBot, sockets: readonly SlackSocket[]): SlackBotState {
  const shown = sockets.map(({ number: socket, transport, frozen, platformSocket }) => ({
    socket,
    transport,
    frozen,
    delayed: platformSocket.delayed,
  }))
  const presence = sockets.length > 0 ? 'online' : 'offline'
  return { bot: bot.userId, name: bot.name, presence, sockets: shown }
}
