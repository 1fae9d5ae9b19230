import { CONNECT_TARGETS } from './armed-faults.ts'
import { DISCORD_FAULTS } from './discord/discord-faults.ts'
import { SimulatorError } from './errors.ts'
import type { FaultFact, FaultHit, Platform } from './facts.ts'
import { armed, atSockets, type Fault, type FaultRequest, type FaultWorld, required } from './fault.ts'
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
    aim: (world, ask) => atSockets(socketsOf(world, ask), (socket) => socket.drop()),
  },
  'close-sockets': {
    does: 'closes the sockets with a code; whether a session stays is as documented for the code',
    takes: ['bot?', 'code'],
    platforms: BOTH,
    aim: (world, ask) => {
      const code = required(ask, 'code')
      return atSockets(socketsOf(world, ask), (socket) => socket.close(code))
    },
  },
  'half-open': {
    does: 'the sockets stand, but nothing is read, answered or sent any more',
    takes: ['bot?'],
    platforms: BOTH,
    aim: (world, ask) => atSockets(socketsOf(world, ask), (socket) => socket.freeze()),
  },
  delay: {
    does: 'frames of the open sockets go out late, in order, for a while',
    takes: ['bot?', 'ms', 'forMs'],
    platforms: BOTH,
    aim: (world, ask) => {
      const [lateMs, forMs] = [required(ask, 'ms'), required(ask, 'forMs')]
      const delay = ({ platformSocket }: Breakable) => platformSocket.delay(world.clock, lateMs, forMs)
      return atSockets(socketsOf(world, ask), delay)
    },
  },
  'slow-hello': {
    does: 'the next socket(s) are taken, but hear nothing, not even hello, for a while',
    takes: ['forMs', 'count?'],
    platforms: BOTH,
    aim: (world, ask) => {
      const forMs = required(ask, 'forMs')
      return armed(() => world.armed.slowHellos(ask.platform, ask.count ?? 1, forMs))
    },
  },
  garbage: {
    does: 'sends frames that no client can use: no JSON, cut off, wrong types, huge numbers, at last binary',
    takes: ['bot?', 'count?'],
    platforms: BOTH,
    aim: (world, ask) => {
      const frames = garbageFrames(ask.platform, ask.count ?? 1)
      return atSockets(socketsOf(world, ask), ({ platformSocket }) => {
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
    aim: (world, ask) => {
      const { slack, discord } = world
      const bot = required(ask, 'bot')
      const hit = { sockets: socketsOf(world, ask).length, armed: true } as const
      if (ask.platform === 'slack') return { hit, act: () => slack.revoke(bot) }
      return { hit, act: () => discord.gateway.resetToken(discord.bot(bot)) }
    },
  },
  'refuse-connects': {
    does: 'answers websocket handshakes with 503 for a while; target is rtm, socket-mode, gateway or resume',
    takes: ['forMs', 'target?'],
    platforms: BOTH,
    aim: (world, ask) => {
      const forMs = required(ask, 'forMs')
      const targets = ask.target ? [ask.target] : CONNECT_TARGETS[ask.platform]
      return armed(() => {
        for (const target of targets) world.armed.refuseConnects(target, forMs)
      })
    },
  },
  'duplicate-event': {
    does: 'gives the next event(s) twice to each bot; on Discord with two sequence numbers',
    takes: ['count?'],
    platforms: BOTH,
    aim: (world, { platform, count }) => armed(() => world.armed.duplicateEvents(platform, count ?? 1)),
  },
  'fail-requests': {
    does: 'answers the next request(s) with a status, unexecuted; 429 with the wait given',
    takes: ['status', 'method?', 'count?', 'retryAfterS?'],
    platforms: BOTH,
    aim: (world, ask) => {
      const { platform, method, count = 1, retryAfterS = 1 } = ask
      const failure = { status: required(ask, 'status'), retryAfterS }
      return armed(() => world.armed.failRequests(given({ platform, count, method }), failure))
    },
  },
  'lose-answer': {
    does: 'executes the next post(s), or requests of a method, and cuts the connection instead of answering',
    takes: ['method?', 'count?'],
    platforms: BOTH,
    aim: (world, { platform, method = POST_METHOD[platform], count = 1 }) =>
      armed(() => world.armed.loseAnswers({ platform, method, count })),
  },
  clear: {
    does: 'takes back what is armed and has not happened yet, on both platforms',
    takes: [],
    platforms: BOTH,
    aim: (world) => ({
      hit: {},
      act: () => {
        world.armed.clear()
        world.slack.clearFaults()
      },
    }),
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

/**
 * Records a fault, then makes it happen or arms it; answers what it hit. Throws `SimulatorError` for what no fault is or
 * can mean, and then records nothing.
 */
export function applyFault(world: FaultWorld, ask: FaultRequest): FaultHit {
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
  const { hit, act } = fault.aim(world, ask)
  world.record.write(factOf(ask, hit))
  act()
  return hit
}

function factOf({ fault, platform, ...rest }: FaultRequest, hit: FaultHit): FaultFact {
  const detail = Object.entries(rest).map(([key, value]) => `${key}=${value}`)
  const about = { kind: 'fault', platform, fault, ...hit } as const
  return given({ ...about, detail: detail.join(' ') || undefined, forMs: rest.forMs })
}

/** The part of a socket that faults of both platforms need. */
interface Breakable {
  drop(): void
  close(code: number): void
  freeze(): void
  readonly platformSocket: PlatformSocket
}

function socketsOf({ slack, discord }: FaultWorld, { platform, bot }: FaultRequest): readonly Breakable[] {
  return platform === 'slack' ? slack.sockets(bot) : discord.sockets(bot)
}
