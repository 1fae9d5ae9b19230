import { armed, atSockets, type Fault, required } from '../fault.ts'

/** The faults that only Discord has. */
export const DISCORD_FAULTS: Readonly<Record<string, Fault>> = {
  reconnect: {
    does: 'sends op 7; with a time, closes with 4000 whoever is still there after it',
    takes: ['bot?', 'forMs?'],
    platforms: ['discord'],
    aim: ({ discord }, { bot, forMs }) =>
      atSockets(discord.sockets(bot), (socket) => socket.reconnect(forMs)),
  },
  'early-reconnect': {
    does: 'sends op 7 in place of Hello to the next socket(s)',
    takes: ['count?'],
    platforms: ['discord'],
    aim: (world, { count }) => armed(() => world.armed.earlyReconnects(count ?? 1)),
  },
  'request-heartbeat': {
    does: 'sends op 1',
    takes: ['bot?'],
    platforms: ['discord'],
    aim: ({ discord }, { bot }) => atSockets(discord.sockets(bot), (socket) => socket.requestHeartbeat()),
  },
  'late-heartbeat-acks': {
    does: 'answers heartbeats late for a while; dispatches go on in time',
    takes: ['bot?', 'ms', 'forMs'],
    platforms: ['discord'],
    aim: ({ discord }, ask) => {
      const [lateMs, forMs] = [required(ask, 'ms'), required(ask, 'forMs')]
      return atSockets(discord.sockets(ask.bot), (socket) => socket.delayAcks(lateMs, forMs))
    },
  },
  'invalid-session': {
    does: 'sends op 9; unless resumable, the sessions are over',
    takes: ['bot?', 'resumable?'],
    platforms: ['discord'],
    aim: ({ discord }, { bot, resumable = false }) =>
      atSockets(discord.sockets(bot), (socket) => discord.gateway.invalidate(socket, resumable)),
  },
  deaf: {
    does: 'the sessions hear nothing but answers to heartbeats, until a resume (or the count-th); what happens comes with it, unless lost',
    takes: ['bot?', 'shard?', 'count?', 'lost?'],
    platforms: ['discord'],
    aim: ({ discord }, { bot, shard, count = 1, lost = false }) => {
      const all = discord.sessions.of(bot === undefined ? undefined : discord.bot(bot))
      const sessions = all.filter((session) => shard === undefined || session.shard[0] === shard)
      const act = () => {
        for (const session of sessions) session.deafen({ resumeCount: count, lost })
      }
      return { hit: { sessions: sessions.length }, act }
    },
  },
  'expire-sessions': {
    does: 'ends the sessions as if their resume window were over; sockets stay, a resume gets op 9',
    takes: ['bot?'],
    platforms: ['discord'],
    aim: ({ discord }, { bot }) => {
      const sessions = discord.sessions.of(bot === undefined ? undefined : discord.bot(bot))
      const act = () => {
        for (const session of sessions) discord.sessions.end(session, 'expired on demand')
      }
      return { hit: { sessions: sessions.length }, act }
    },
  },
}
