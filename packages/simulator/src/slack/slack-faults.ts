import { armed, atSockets, type Fault, required } from '../fault.ts'
import { given } from '../given.ts'

// How long what a fault begins lasts, where it is not told.
const FOR_MS = 10_000

/** The faults that only Slack has. */
export const SLACK_FAULTS: Readonly<Record<string, Fault>> = {
  goodbye: {
    does: 'says goodbye on RTM sockets, and closes them after a while (10 s); until then they serve',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    aim: ({ slack }, { bot, forMs = FOR_MS }) => {
      const sockets = slack.bots(bot).flatMap((each) => slack.rtm.socketsOf(each))
      return atSockets(sockets, (socket) => socket.goodbye(forMs))
    },
  },
  migrate: {
    does: 'moves the workspace: RTM sockets are told and closed, rtm.connect refuses for a while (10 s)',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    aim: ({ slack }, { bot, forMs = FOR_MS }) => {
      const bots = slack.bots(bot)
      const hit = { sockets: slack.rtm.socketsBeside(bots).length, armed: true } as const
      return { hit, act: () => slack.rtm.migrate(bots, forMs) }
    },
  },
  'connect-error': {
    does: 'answers the next RTM socket(s) with an error frame in place of hello; their URLs are used up',
    takes: ['count?'],
    platforms: ['slack'],
    aim: ({ slack }, { count = 1 }) => armed(() => slack.rtm.refuseConnects(count)),
  },
  refresh: {
    does: 'asks Socket Mode sockets to be replaced, and closes them after a while (10 s); until then they serve',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    aim: ({ slack }, { bot, forMs = FOR_MS }) => {
      const sockets = slack.bots(bot).flatMap((each) => slack.socketMode.socketsOf(each))
      return atSockets(sockets, (socket) => socket.refresh(forMs))
    },
  },
  'link-disabled': {
    does: 'turns Socket Mode off for a while (10 s): sockets are told and closed, new ones refused',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    aim: ({ slack }, { bot, forMs = FOR_MS }) => {
      const bots = slack.bots(bot).filter((each) => slack.socketMode.isOn(each))
      const sockets = bots.flatMap((each) => slack.socketMode.socketsOf(each)).length
      const act = () => {
        for (const each of bots) slack.socketMode.disable(each, forMs)
      }
      return { hit: bots.length === 0 ? { sockets } : { sockets, armed: true }, act }
    },
  },
  'too-many-websockets': {
    does: 'tells the next Socket Mode socket(s) in place of hello that the app has too many',
    takes: ['count?'],
    platforms: ['slack'],
    aim: ({ slack }, { count = 1 }) => armed(() => slack.socketMode.refuseConnects(count)),
  },
  'refuse-requests': {
    does: 'answers the next request(s) with an error of Slack (missing_scope, not_in_channel, …), unexecuted',
    takes: ['error', 'method?', 'count?'],
    platforms: ['slack'],
    aim: (world, ask) => {
      const { platform, method, count = 1 } = ask
      const failure = { status: 200, retryAfterS: 0, error: required(ask, 'error') }
      return armed(() => world.armed.failRequests(given({ platform, count, method }), failure))
    },
  },
  'lose-acknowledgements': {
    does: 'loses the next acknowledgement(s) of envelopes on their way; events come again',
    takes: ['count?'],
    platforms: ['slack'],
    aim: ({ slack }, { count = 1 }) => armed(() => slack.socketMode.envelopes.loseAcknowledgements(count)),
  },
}
