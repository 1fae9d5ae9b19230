import type { ConnectTarget } from './armed-faults.ts'
import { SimulatorError } from './errors.ts'
import type { Platform } from './facts.ts'
import { type Fault, type FaultRequest, type FaultWorld, required } from './fault.ts'
import { given } from './given.ts'
import { SLACK_FAULTS } from './slack/slack-faults.ts'

const BOTH: readonly Platform[] = ['slack', 'discord']

// What "the next post" means to `lose-answer`.
const POST_METHOD: Readonly<Record<Platform, string>> = {
  slack: 'chat.postMessage',
  discord: 'POST /channels/:channel/messages',
}

const CONNECT_TARGETS: Readonly<Record<Platform, readonly ConnectTarget[]>> = {
  slack: ['rtm'],
  discord: ['gateway', 'resume'],
}

/** Every fault there is. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'drop-sockets': {
    does: 'cuts the sockets without a close frame; sessions stay resumable',
    takes: ['bot?'],
    platforms: BOTH,
    apply: (world, ask) => each(world, ask, (socket) => socket.drop()),
  },
  'close-sockets': {
    does: 'closes the sockets with a code; whether a session stays is as documented for the code',
    takes: ['bot?', 'code'],
    platforms: BOTH,
    apply: (world, ask) => {
      const code = required(ask, 'code')
      each(world, ask, (socket) => socket.close(code))
    },
  },
  'half-open': {
    does: 'the sockets stand, but nothing is read, answered or sent any more',
    takes: ['bot?'],
    platforms: BOTH,
    apply: (world, ask) => each(world, ask, (socket) => socket.freeze()),
  },
  ...SLACK_FAULTS,
  reconnect: {
    does: 'sends op 7',
    takes: ['bot?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot }) => {
      for (const socket of discord.sockets(bot)) socket.reconnect()
    },
  },
  'request-heartbeat': {
    does: 'sends op 1',
    takes: ['bot?'],
    platforms: ['discord'],
    apply: ({ discord }, { bot }) => {
      for (const socket of discord.sockets(bot)) socket.requestHeartbeat()
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
  'revoke-token': {
    does: 'the token is refused from now on, sessions and sockets end',
    takes: ['bot'],
    platforms: BOTH,
    apply: ({ slack, discord }, ask) => {
      const bot = required(ask, 'bot')
      if (ask.platform === 'slack') slack.revoke(bot)
      else discord.gateway.resetToken(discord.bot(bot))
    },
  },
  'refuse-connects': {
    does: 'answers websocket handshakes with 503 for a while; target is rtm, gateway or resume',
    takes: ['forMs', 'target?'],
    platforms: BOTH,
    apply: ({ armed }, ask) => {
      const forMs = required(ask, 'forMs')
      const targets = ask.target ? [ask.target] : CONNECT_TARGETS[ask.platform]
      for (const target of targets) armed.refuseConnects(target, forMs)
    },
  },
  'duplicate-event': {
    does: 'gives the next event(s) twice to each bot; on Discord with two sequence numbers',
    takes: ['count?'],
    platforms: BOTH,
    apply: ({ armed }, { platform, count }) => armed.duplicateEvents(platform, count ?? 1),
  },
  'fail-requests': {
    does: 'answers the next request(s) with a status, unexecuted; 429 with the wait given',
    takes: ['status', 'method?', 'count?', 'retryAfterS?'],
    platforms: BOTH,
    apply: ({ armed }, ask) => {
      const { platform, method, count = 1, retryAfterS = 1 } = ask
      armed.failRequests(given({ platform, count, method }), { status: required(ask, 'status'), retryAfterS })
    },
  },
  'lose-answer': {
    does: 'executes the next post(s), or requests of a method, and cuts the connection instead of answering',
    takes: ['method?', 'count?'],
    platforms: BOTH,
    apply: ({ armed }, { platform, method, count = 1 }) =>
      armed.loseAnswers({ platform, method: method ?? POST_METHOD[platform], count }),
  },
  clear: {
    does: 'takes back what is armed and has not happened yet, on both platforms',
    takes: [],
    platforms: BOTH,
    apply: ({ armed, slack }) => {
      armed.clear()
      slack.clearFaults()
    },
  },
}

/** What there is, for `GET /control/fault`. */
export function listFaults(): Record<string, Pick<Fault, 'does' | 'takes' | 'platforms'>> {
  const entries = Object.entries(FAULTS)
  return Object.fromEntries(entries.map(([name, { apply: _, ...about }]) => [name, about]))
}

/** Makes a fault happen, or arms it, and records it. Throws `SimulatorError` for what the table does not have. */
export function applyFault(world: FaultWorld, ask: FaultRequest): void {
  const fault = FAULTS[ask.fault]
  if (!fault) {
    const known = Object.keys(FAULTS).join(', ')
    throw new SimulatorError('bad-request', `no fault "${ask.fault}": use one of ${known}`)
  }
  if (!fault.platforms.includes(ask.platform)) {
    const fits = fault.platforms.join(' or ')
    throw new SimulatorError(
      'bad-request',
      `fault "${ask.fault}" needs platform ${fits}, not "${ask.platform}"`,
    )
  }
  const { fault: name, platform, ...rest } = ask
  const detail = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
  world.record.write(given({ kind: 'fault', platform, fault: name, detail: detail.join(' ') || undefined }))
  fault.apply(world, ask)
}

/** The part of a socket that faults of both platforms need. */
interface Breakable {
  drop(): void
  close(code: number): void
  freeze(): void
}

function each({ slack, discord }: FaultWorld, ask: FaultRequest, act: (socket: Breakable) => void): void {
  const sockets: readonly Breakable[] =
    ask.platform === 'slack' ? slack.sockets(ask.bot) : discord.sockets(ask.bot)
  for (const socket of sockets) act(socket)
}
