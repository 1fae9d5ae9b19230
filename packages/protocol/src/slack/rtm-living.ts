/** What an RTM connection does once Slack has said hello: frames, pings, goodbye. */

import { merge } from '../step.ts'
import {
  closing,
  enter,
  leave,
  type RtmStep,
  reconnect,
  refusal,
  setTimer,
  stay,
  terminate,
} from './rtm-moves.ts'
import type { RtmEffect, RtmInput, RtmLivingState, RtmState } from './rtm-state.ts'

const PING_INTERVAL_MS = 5_000
/** This many pings without any frame in between, and the socket is dead. */
const SILENT_PING_COUNT = 3
/** A minute of answered pings: the next failure is the first again. */
const HEALTHY_PING_COUNT = 12
/** Slack closes "after an unspecified amount of time"; until then frames still come. */
const GOODBYE_TIMEOUT_MS = 30_000

/** The first ping goes out at once: its pong is the first proof of how far we have caught up. */
export function greet({ memory, ...state }: Extract<RtmState, { kind: 'awaitingHello' }>): RtmStep {
  const connected: RtmLivingState = { kind: 'connected', memory, pulse: { pingId: 0, silentCount: 0 } }
  const greeted = enter(
    { ...state, memory },
    connected,
    'hello',
    { kind: 'clearTimers' },
    { kind: 'connected' },
  )
  return merge(greeted, () => ping(connected))
}

/** Frames, pings, and the end of the socket. */
export function onLiving(state: RtmLivingState, input: RtmInput, random: number): RtmStep {
  switch (input.kind) {
    case 'frame':
      return onFrame({ ...state, pulse: { ...state.pulse, silentCount: 0 } }, input, random)
    case 'socketClosed':
      return lose(state, `the socket closed: ${closing(input)}`, random)
    case 'timer':
      return input.timer === 'goodbye'
        ? lose(state, 'Slack said goodbye and did not close', random, leave(state))
        : onPingDue(state, random)
    default:
      return stay(state)
  }
}

/** A socket on which events came is gone. */
function lose(
  state: RtmLivingState,
  why: string,
  random: number,
  leaving: readonly RtmEffect[] = [],
): RtmStep {
  return reconnect(state, why, random, [...leaving, { kind: 'disconnected', why }])
}

function onFrame(
  state: RtmLivingState,
  { frame, text }: Extract<RtmInput, { kind: 'frame' }>,
  random: number,
): RtmStep {
  switch (frame.kind) {
    case 'event':
      return stay(state, { kind: 'frame', text })
    case 'pong':
      return stay(healthy(state), { kind: 'pong', id: frame.id })
    case 'goodbye':
      return onGoodbye(state)
    case 'error':
      return lose(state, refusal(frame), random, leave(state))
    case 'malformed':
      return stay(state, frame)
    case 'hello':
    case 'reply':
      return stay(state)
    default:
      return frame satisfies never
  }
}

/** Frames still come until Slack closes: leaving earlier would miss them. */
function onGoodbye(state: RtmLivingState): RtmStep {
  if (state.kind === 'leaving') return stay(state)
  return enter(
    state,
    { ...state, kind: 'leaving' },
    'Slack said goodbye',
    setTimer(state.memory, 'goodbye', GOODBYE_TIMEOUT_MS),
  )
}

function onPingDue(state: RtmLivingState, random: number): RtmStep {
  if (state.pulse.silentCount < SILENT_PING_COUNT) return ping(state)
  return lose(state, 'nothing heard for three pings', random, [terminate(state)])
}

function ping(state: RtmLivingState): RtmStep {
  const pulse = { pingId: state.pulse.pingId + 1, silentCount: state.pulse.silentCount + 1 }
  return stay(
    { ...state, pulse },
    { kind: 'ping', id: pulse.pingId },
    setTimer(state.memory, 'ping', PING_INTERVAL_MS),
  )
}

function healthy(state: RtmLivingState): RtmLivingState {
  if (state.pulse.pingId < HEALTHY_PING_COUNT) return state
  return { ...state, memory: { ...state.memory, attemptCount: 0 } }
}
