/** How an RTM connection ends when it is told to stop: what Slack wrote before it heard of that still counts. */

import { enter, leave, type RtmStep, setTimer, stay, terminate } from './rtm-moves.ts'
import type { RtmEffect, RtmInput, RtmState } from './rtm-state.ts'

type StateOf<Kind extends RtmState['kind']> = Extract<RtmState, { kind: Kind }>

/** Whoever opened the socket drops it sooner than that. */
const CLOSE_TIMEOUT_MS = 5_000
/** What a websocket tells when its connection just ended. */
const CLOSED_WITHOUT_ANSWER = 1006

/** What Slack had written before it read our close arrives before its own: those are events like any other. */
export function onClosing(state: StateOf<'closing'>, input: RtmInput): RtmStep {
  switch (input.kind) {
    case 'frame':
      return onLastFrame(state, input)
    case 'socketClosed':
      return end(state, state.why, ...proof(input.code), { kind: 'disconnected', why: state.why })
    case 'timer':
      return end(state, state.why, terminate(state), { kind: 'disconnected', why: state.why })
    default:
      return stay(state)
  }
}

/** A close with a code is an answer to ours, and a socket keeps its order. */
function proof(code: number | undefined): readonly RtmEffect[] {
  return code === undefined || code === CLOSED_WITHOUT_ANSWER ? [] : [{ kind: 'closedInTurn' }]
}

function onLastFrame(
  state: StateOf<'closing'>,
  { frame, text }: Extract<RtmInput, { kind: 'frame' }>,
): RtmStep {
  switch (frame.kind) {
    case 'event':
      return stay(state, { kind: 'frame', text })
    case 'pong':
      return stay(state, { kind: 'pong', id: frame.id })
    case 'malformed':
      return stay(state, frame)
    case 'error':
    case 'goodbye':
    case 'hello':
    case 'reply':
      return stay(state)
    default:
      return frame satisfies never
  }
}

/** Whatever it is at. */
export function stop(state: RtmState, why: string): RtmStep {
  switch (state.kind) {
    case 'stopped':
    case 'fatal':
    case 'closing':
      return stay(state)
    case 'connected':
    case 'leaving':
      return close(state, why)
    default:
      return end(state, why, ...leave(state))
  }
}

function close(state: StateOf<'connected' | 'leaving'>, why: string): RtmStep {
  const { memory } = state
  const closing: RtmState = { kind: 'closing', memory, why }
  const timer = setTimer(memory, 'close', CLOSE_TIMEOUT_MS)
  return enter(state, closing, why, ...leave(state), { kind: 'clearTimers' }, timer)
}

function end(state: RtmState, why: string, ...effects: RtmEffect[]): RtmStep {
  const stopped: RtmState = { kind: 'stopped', memory: state.memory, why }
  return enter(state, stopped, why, ...effects, { kind: 'clearTimers' })
}
