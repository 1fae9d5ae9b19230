import { CONNECT_TARGETS } from './armed-faults.ts'
import { DISCORD_FAULTS } from './discord/discord-faults.ts'
import { SimulatorError } from './errors.ts'
import type { Platform } from './facts.ts'
import { type Fault, type FaultRequest, type FaultWorld, required } from './fault.ts'
import { parametersOf, refuseOutOfBounds } from './fault-parameters.ts'
import { garbageFrames } from './garbage.ts'
import { given } from './given.ts'
import type { ListedFault } from './listed-fault.ts'
import { SLACK_FAULTS } from './slack/slack-faults.ts'
import type { PlatformSocket } from './socket.ts'

const BOTH: readonly Platform[] = ['slack', 'discord']

// What "the next post" means to `lose-answer`.
const POST_METHOD: Readonly<Record<Platform, string>> = {
  slack: 'chat.postMessage',
  discord: 'POST /channels/:channel/messages',
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
  delay: {
    does: 'frames of the open sockets go out late, in order, for a while',
    takes: ['bot?', 'ms', 'forMs'],
    platforms: BOTH,
    apply: (world, ask) => {
      const [lateMs, forMs] = [required(ask, 'ms'), required(ask, 'forMs')]
      each(world, ask, ({ platformSocket }) => platformSocket.delay(world.clock, lateMs, forMs))
    },
  },
  'slow-hello': {
    does: 'the next socket(s) are taken, but hear nothing, not even hello, for a while',
    takes: ['forMs', 'count?'],
    platforms: BOTH,
    apply: ({ armed }, ask) => armed.slowHellos(ask.platform, ask.count ?? 1, required(ask, 'forMs')),
  },
  garbage: {
    does: 'sends frames that no client can use: no JSON, cut off, wrong types, huge numbers, at last binary',
    takes: ['bot?', 'count?'],
    platforms: BOTH,
    apply: (world, ask) => {
      const frames = garbageFrames(ask.platform, ask.count ?? 1)
      each(world, ask, ({ platformSocket }) => {
        for (const frame of frames) platformSocket.spoil(frame)
      })
    },
  },
  ...SLACK_FAULTS,
  ...DISCORD_FAULTS,
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
    does: 'answers websocket handshakes with 503 for a while; target is rtm, socket-mode, gateway or resume',
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

/** What there is, by name. */
export function listFaults(): Readonly<Record<string, ListedFault>> {
  const entries = Object.entries(FAULTS)
  return Object.fromEntries(
    entries.map(([name, { does, takes, platforms }]) => {
      const parameters = platforms.map((platform) => [platform, parametersOf(takes, platform)])
      return [name, { does, takes, platforms, parameters: Object.fromEntries(parameters) }]
    }),
  )
}

/** Makes a fault happen, or arms it, and records it. Throws `SimulatorError` for what no fault is or can mean. */
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
  refuseOutOfBounds(ask)
  const { fault: name, platform, ...rest } = ask
  const detail = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
  world.record.write(
    given({ kind: 'fault', platform, fault: name, detail: detail.join(' ') || undefined, forMs: ask.forMs }),
  )
  fault.apply(world, ask)
}

/** The part of a socket that faults of both platforms need. */
interface Breakable {
  drop(): void
  close(code: number): void
  freeze(): void
  readonly platformSocket: PlatformSocket
}

function each({ slack, discord }: FaultWorld, ask: FaultRequest, act: (socket: Breakable) => void): void {
  const sockets: readonly Breakable[] =
    ask.platform === 'slack' ? slack.sockets(ask.bot) : discord.sockets(ask.bot)
  for (const socket of sockets) act(socket)
}
