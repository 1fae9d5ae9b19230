import type { Fault } from '../fault.ts'

// How long what a fault begins lasts, where it is not told.
const FOR_MS = 10_000

/** The faults that only Slack has. */
export const SLACK_FAULTS: Readonly<Record<string, Fault>> = {
  goodbye: {
    does: 'says goodbye on RTM sockets, and closes them after a while (10 s); until then they serve',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    apply: ({ slack }, { bot, forMs = FOR_MS }) => {
      for (const each of slack.bots(bot))
        for (const socket of slack.rtm.socketsOf(each)) socket.goodbye(forMs)
    },
  },
  migrate: {
    does: 'moves the workspace: RTM sockets are told and closed, rtm.connect refuses for a while (10 s)',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    apply: ({ slack }, { bot, forMs = FOR_MS }) => slack.rtm.migrate(slack.bots(bot), forMs),
  },
  'connect-error': {
    does: 'answers the next RTM socket(s) with an error frame in place of hello; their URLs are used up',
    takes: ['count?'],
    platforms: ['slack'],
    apply: ({ slack }, { count = 1 }) => slack.rtm.refuseConnects(count),
  },
  refresh: {
    does: 'asks Socket Mode sockets to be replaced, and closes them after a while (10 s); until then they serve',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    apply: ({ slack }, { bot, forMs = FOR_MS }) => {
      for (const each of slack.bots(bot))
        for (const socket of slack.socketMode.socketsOf(each)) socket.refresh(forMs)
    },
  },
  'link-disabled': {
    does: 'turns Socket Mode off for a while (10 s): sockets are told and closed, new ones refused',
    takes: ['bot?', 'forMs?'],
    platforms: ['slack'],
    apply: ({ slack }, { bot, forMs = FOR_MS }) => {
      for (const each of slack.bots(bot)) slack.socketMode.disable(each, forMs)
    },
  },
  'too-many-websockets': {
    does: 'tells the next Socket Mode socket(s) in place of hello that the app has too many',
    takes: ['count?'],
    platforms: ['slack'],
    apply: ({ slack }, { count = 1 }) => slack.socketMode.refuseConnects(count),
  },
  'lose-acknowledgements': {
    does: 'loses the next acknowledgement(s) of envelopes on their way; events come again',
    takes: ['count?'],
    platforms: ['slack'],
    apply: ({ slack }, { count = 1 }) => slack.socketMode.envelopes.loseAcknowledgements(count),
  },
}
