import type { DiscordBot } from './directory.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import type { DiscordSession } from './session.ts'

/** A bot's sessions as `/control/state` shows them. */
export interface DiscordBotState {
  readonly bot: string
  readonly name: string
  readonly presence: 'online' | 'offline'
  readonly identifiesLeft: number
  readonly sessions: readonly {
    readonly session: string
    readonly shard: readonly [number, number]
    readonly sequence: number
    readonly unsentCount: number
    readonly state: 'attached' | 'detached' | 'over'
    /** How the bot wished to be shown: `dnd`. */
    readonly status?: string
    readonly socket?: number
    readonly frozen?: boolean
    readonly delayed?: boolean
  }[]
}

/** A bot, its sessions, and the sockets that they are on. */
export function showBotState(
  bot: DiscordBot,
  identifiesLeft: number,
  sessions: readonly DiscordSession[],
  sockets: readonly GatewaySocket[],
): DiscordBotState {
  const presence = sessions.length > 0 ? 'online' : 'offline'
  const shown = sessions.map((session) => {
    const socket = sockets.find((other) => other.session === session)
    return {
      session: session.id,
      shard: session.shard,
      sequence: session.sequence,
      unsentCount: session.unsentCount,
      state: session.state.kind,
      ...(session.presence ? { status: session.presence.status } : {}),
      ...(socket
        ? { socket: socket.number, frozen: socket.frozen, delayed: socket.platformSocket.delayed }
        : {}),
    }
  })
  return { bot: bot.id, name: bot.username, presence, identifiesLeft, sessions: shown }
}
