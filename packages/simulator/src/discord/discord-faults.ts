import { type Fault, required } from '../fault.ts'

/** The faults that only Discord has. */
export const DISCORD_FAULTS: Readonly<Record<string, Fault>> = {
  reconnect: {
    does: 'sends op 7; with a time, closes with 4000 whoever is still there after it',
    takes: ['bot?', 'forMs?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot, forMs }) => {
      for (const socket of discord.sockets(bot)) socket.reconnect(forMs)
    },
  },
  'early-reconnect': {
    does: 'sends op 7 in place of Hello to the next socket(s)',
    takes: ['count?'],
    platforms: ['discord'],
    apply: ({ armed }, { count }) => armed.earlyReconnects(count ?? 1),
  },
  'request-heartbeat': {
    does: 'sends op 1',
    takes: ['bot?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot }) => {
      for (const socket of discord.sockets(bot)) socket.requestHeartbeat()
    },
  },
  'late-heartbeat-acks': {
    does: 'answers heartbeats late for a while; dispatches go on in time',
    takes: ['bot?', 'ms', 'forMs'],
    platforms: ['discord'],
    apply: ({ discord }, ask) => {
      const [lateMs, forMs] = [required(ask, 'ms'), required(ask, 'forMs')]
      for (const socket of discord.sockets(ask.bot)) socket.delayAcks(lateMs, forMs)
    },
  },
  'invalid-session': {
    does: 'sends op 9; unless resumable, the sessions are over',
    takes: ['bot?', 'resumable?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot, resumable }) => {
      for (const socket of discord.sockets(bot)) discord.gateway.invalidate(socket, resumable ?? false)
    },
  },
  'expire-sessions': {
    does: 'ends the sessions as if their resume window were over; sockets stay, a resume gets op 9',
    takes: ['bot?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot }) => {
      const of = bot === undefined ? undefined : discord.bot(bot)
      for (const session of discord.sessions.of(of)) discord.sessions.end(session, 'expired on demand')
    },
  },
}
