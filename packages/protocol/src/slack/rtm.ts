/**
 * The connection of one bot over Slack RTM. Source: docs.slack.dev/legacy/legacy-rtm-api
 *
 * | state          | waits for                                  | ended at the latest by |
 * |----------------|--------------------------------------------|------------------------|
 * | idle           | `start`                                    | its owner              |
 * | calling        | the answer to rtm.connect                  | timer `call`           |
 * | connecting     | the socket to open                         | timer `connect`        |
 * | awaitingHello  | `hello`                                    | timer `hello`          |
 * | connected      | frames                                     | timer `ping`           |
 * | leaving        | Slack to close, after its `goodbye`        | timer `goodbye`        |
 * | closing        | the socket to close, after our `stop`      | timer `close`          |
 * | backingOff     | the next attempt                           | timer `reconnect`      |
 * | stopped, fatal | nothing: final                             |                        |
 *
 * Promises: never two sockets; an address is used once; every `disconnected` stands between two `connected`, so that
 * no time without a socket goes unannounced; no event that came on a socket of ours is dropped, also while it closes.
 */

import { isPast, type TimersOf } from '../socket.ts'
import { type Machine, merge } from '../step.ts'
import { slackErrorRule } from './errors.ts'
import { onClosing, stop } from './rtm-closing.ts'
import { greet, onLiving } from './rtm-living.ts'
import {
  call,
  closing,
  enter,
  giveUp,
  leave,
  nextGeneration,
  type RtmStep,
  reconnect,
  refusal,
  setTimer,
  stay,
  terminate,
} from './rtm-moves.ts'
import type { RtmEffect, RtmInput, RtmState, RtmTimer } from './rtm-state.ts'

type StateOf<Kind extends RtmState['kind']> = Extract<RtmState, { kind: Kind }>

/** The address is good for 30 s. */
const CONNECT_TIMEOUT_MS = 15_000
const HELLO_TIMEOUT_MS = 15_000

const TIMERS: TimersOf<RtmState['kind'], RtmTimer> = {
  idle: [],
  calling: ['call'],
  connecting: ['connect'],
  awaitingHello: ['hello'],
  connected: ['ping'],
  leaving: ['goodbye', 'ping'],
  closing: ['close'],
  backingOff: ['reconnect'],
  stopped: [],
  fatal: [],
}

/** A connection that has not started. */
export const idleRtm: RtmState = { kind: 'idle', memory: { generation: 0, attemptCount: 0 } }

/** One step of an RTM connection. */
export const stepRtm: Machine<RtmState, RtmInput, RtmEffect> = (state, input, random) => {
  if (isPast(state, input, TIMERS)) return stay(state)
  if (input.kind === 'stop') return stop(state, input.why)
  switch (state.kind) {
    case 'idle':
      return input.kind === 'start' ? call(state, nextGeneration(state), 'started') : stay(state)
    case 'calling':
      return onCalling(state, input, random)
    case 'connecting':
      return onConnecting(state, input, random)
    case 'awaitingHello':
      return onAwaitingHello(state, input, random)
    case 'connected':
    case 'leaving':
      return onLiving(state, input, random)
    case 'closing':
      return onClosing(state, input)
    case 'backingOff':
      return input.kind === 'timer' ? call(state, state.memory, 'trying again') : stay(state)
    case 'stopped':
    case 'fatal':
      return stay(state)
    default:
      return state satisfies never
  }
}

function onCalling(state: StateOf<'calling'>, input: RtmInput, random: number): RtmStep {
  const { memory } = state
  switch (input.kind) {
    case 'addressGiven':
      return enter(
        state,
        { kind: 'connecting', memory },
        'Slack gave an address',
        { kind: 'clearTimers' },
        { kind: 'openSocket', generation: memory.generation, url: input.url },
        setTimer(memory, 'connect', CONNECT_TIMEOUT_MS),
      )
    case 'addressRefused':
      return onRefused(state, input, random)
    case 'timer':
      return reconnect(state, 'rtm.connect did not answer in time', random)
    default:
      return stay(state)
  }
}

function onRefused(
  state: StateOf<'calling'>,
  { error, reason, retryAfterMs }: Extract<RtmInput, { kind: 'addressRefused' }>,
  random: number,
): RtmStep {
  const refused = `Slack gives no address: ${error}${reason === undefined ? '' : ` (${reason})`}`
  const rule = slackErrorRule(error, 'rtm')
  switch (rule.action) {
    case 'fatal':
      return giveUp(state, `${refused}: ${rule.advice}`)
    case 'wait':
      return reconnect(state, refused, random, [], retryAfterMs)
    default:
      return rule satisfies never
  }
}

function onConnecting(state: StateOf<'connecting'>, input: RtmInput, random: number): RtmStep {
  switch (input.kind) {
    case 'socketOpened':
      return enter(
        state,
        { ...state, kind: 'awaitingHello' },
        'the socket is open',
        { kind: 'clearTimers' },
        setTimer(state.memory, 'hello', HELLO_TIMEOUT_MS),
      )
    case 'socketClosed':
      return reconnect(state, `the socket did not open: ${closing(input)}`, random)
    case 'timer':
      return reconnect(state, 'the socket did not open in time', random, [terminate(state)])
    default:
      return stay(state)
  }
}

function onAwaitingHello(state: StateOf<'awaitingHello'>, input: RtmInput, random: number): RtmStep {
  switch (input.kind) {
    case 'frame':
      return onFirstFrame(state, input, random)
    case 'socketClosed':
      return reconnect(state, `the socket closed before hello: ${closing(input)}`, random)
    case 'timer':
      return reconnect(state, 'no hello in time', random, [terminate(state)])
    default:
      return stay(state)
  }
}

function onFirstFrame(
  state: StateOf<'awaitingHello'>,
  { frame, text }: Extract<RtmInput, { kind: 'frame' }>,
  random: number,
): RtmStep {
  switch (frame.kind) {
    case 'hello':
      return greet(state)
    case 'error':
      return reconnect(state, refusal(frame), random, leave(state))
    case 'event':
      // Out of turn, but an event is an event.
      return merge(greet(state), (greeted) => stay(greeted, { kind: 'frame', text }))
    case 'goodbye':
      return reconnect(state, 'goodbye in place of hello', random, leave(state))
    case 'malformed':
      return stay(state, frame)
    case 'pong':
    case 'reply':
      return stay(state)
    default:
      return frame satisfies never
  }
}
