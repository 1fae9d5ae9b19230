import type { Fault } from '../fault.ts'

/** The faults that only Slack has. */
export const SLACK_FAULTS: Readonly<Record<string, Fault>> = {
  goodbye: {
    does: 'says goodbye on RTM sockets; close them with close-sockets or drop-sockets after a while',
    takes: ['bot?'],
    platforms: ['slack'],
    apply: ({ slack }, { bot }) => {
      for (const socket of slack.sockets(bot)) socket.send('{"type":"goodbye"}')
    },
  },
}
