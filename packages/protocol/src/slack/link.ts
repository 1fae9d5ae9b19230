/**
 * A Slack link: keeps one live socket of a connection over as many sockets as it takes, each under its own rising number
 * (generation), the next one before the last one goes. RTM has one link; Socket Mode as many as it shall keep sockets.
 * Source: docs.slack.dev/legacy/legacy-rtm-api, docs.slack.dev/apis/events-api/using-socket-mode
 *
 * | state          | waits for                                            | ended at the latest by            |
 * |----------------|------------------------------------------------------|-----------------------------------|
 * | idle           | `start`                                              | its owner                         |
 * | opening        | a socket; none lives                                 | the timer of its approach         |
 * | connected      | frames                                               | timer `ping`; RTM: timer `age`    |
 * | leaving        | a successor; the live socket serves on               | timer `ping`, and of its approach |
 * | handingOver    | the old socket's last; its successor lives           | timers `handover`, then `close`   |
 * | closing        | the sockets to close, after our `stop`               | timer `close`                     |
 * | stopped, fatal | nothing: final                                       |                                   |
 *
 * | approach       | waits for                                            | ended at the latest by            |
 * |----------------|------------------------------------------------------|-----------------------------------|
 * | calling        | the answer to rtm.connect or apps.connections.open   | timer `call`                      |
 * | connecting     | the socket to open                                   | timer `connect`                   |
 * | awaitingHello  | `hello`                                              | timer `hello`                     |
 * | backingOff     | the next attempt                                     | timer `reconnect`                 |
 *
 * A farewell leads from connected to leaving, hello from there to handingOver, the end of the old socket back to
 * connected. Should the live socket end first, leaving becomes opening and the approach goes on.
 *
 * Promises: never more than two sockets, and two only while one takes over from the other; never two calls at a time; an
 * address is used once; `connected` and `disconnected` take turns, so that no time in which events may be missed goes
 * unannounced; no event with a stamp and no envelope that came on a socket of ours is dropped, also while it closes; on RTM
 * the old socket is heard before its successor, and what it may have kept is announced unless its answers to a last ping and
 * to our close prove that it kept nothing; events without a stamp are taken from one socket only.
 */

import type { Machine } from '../step.ts'
import { onApproach, start } from './link-approach.ts'
import { onClosing, stop } from './link-closing.ts'
import { onOld } from './link-handover.ts'
import { onLiving } from './link-living.ts'
import { type Given, type LinkStep, stay } from './link-moves.ts'
import { isPast } from './link-past.ts'
import { prove } from './link-pulse.ts'
import type { LinkEffect, LinkInput, LinkState, LinkTransport } from './link-state.ts'

/** A link that has not started. */
export const idleLink: LinkState = {
  kind: 'idle',
  memory: { generation: 0, attemptCount: 0, refusalCount: 0 },
}

/** The machine of a link over one of the two transports. */
export function linkMachine(transport: LinkTransport): Machine<LinkState, LinkInput, LinkEffect> {
  return (state, input, random) => step(state, input, { transport, random })
}

function step(state: LinkState, input: LinkInput, given: Given): LinkStep {
  if (isPast(state, input)) return stay(state)
  if (input.kind === 'stop') return stop(state, input.why, given)
  if (input.kind === 'prove') return prove(state)
  switch (state.kind) {
    case 'idle':
      return input.kind === 'start' ? start(state) : stay(state)
    case 'opening':
      return onApproach(state, input, given)
    case 'connected':
      return onLiving(state, input, given)
    case 'leaving':
      return concerns(state.live, input) ? onLiving(state, input, given) : onApproach(state, input, given)
    case 'handingOver':
      return concerns(state.live, input) ? onLiving(state, input, given) : onOld(state, input)
    case 'closing':
      return onClosing(state, input)
    case 'stopped':
    case 'fatal':
      return stay(state)
    default:
      return state satisfies never
  }
}

function concerns({ generation }: { readonly generation: number }, input: LinkInput): boolean {
  return 'generation' in input && input.generation === generation
}
