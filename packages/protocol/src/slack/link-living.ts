/** What a Slack link does with its live socket: frames, pings, farewell, and its end. */

import { depart, SERVED } from './link-attempt.ts'
import { holdBack, isHolding } from './link-handover.ts'
import { type LivingState, lose } from './link-loss.ts'
import { close, closeText, enter, type Given, type LinkStep, stay, terminate } from './link-moves.ts'
import { answered, firstPulse, heard, isHealthy, isSilent, ping } from './link-pulse.ts'
import type { InputOf, LinkEffect, LinkInput, LinkState, StateOf } from './link-state.ts'

/** Hello, after a time without a socket. */
export function serve(state: StateOf<'opening'>, given: Given): LinkStep {
  const { memory, approach } = state
  const { live, effects } = firstPulse(approach.generation, given)
  return enter(
    state,
    { kind: 'connected', memory, live },
    'hello',
    { kind: 'clearTimers' },
    { kind: 'connected', generation: live.generation },
    ...effects,
  )
}

/** What concerns the live socket. */
export function onLiving(state: LivingState, input: LinkInput, given: Given): LinkStep {
  switch (input.kind) {
    case 'frame':
      return onFrame(alive(state), input, given)
    case 'heard':
      return stay(alive(state))
    case 'socketClosed':
      return lose(
        state,
        { why: `the socket closed: ${closeText(input)}`, leaving: [], patience: SERVED },
        given,
      )
    case 'timer':
      return input.timer === 'age'
        ? onFarewell(state, 'the socket is nearly as old as Slack lets one become')
        : onPingDue(state, given)
    default:
      return stay(state)
  }
}

/** A link that has lived for a while is healthy, but not one that calls for a successor in vain: there attempts go on counting. */
function alive(state: LivingState): LivingState {
  const living = { ...state, live: heard(state.live) }
  if (living.kind !== 'connected' || !isHealthy(living.live)) return living
  return { ...living, memory: { ...living.memory, attemptCount: 0, refusalCount: 0 } }
}

function onFrame(state: LivingState, input: InputOf<'frame'>, given: Given): LinkStep {
  const { frame, generation } = input
  switch (frame.kind) {
    case 'event':
    case 'envelope':
      return deliver(state, input, frame)
    case 'pong':
      return onPong({ ...state, live: answered(state.live, frame.id) }, frame.id)
    case 'reply':
      return stay(state, { kind: 'reply', generation, frame })
    case 'farewell':
      return onFarewell(state, frame.why)
    case 'refusal':
      return onRefusal(state, frame, given)
    case 'malformed':
      return stay(state, frame)
    case 'hello':
    case 'aside':
      return stay(state)
    default:
      return frame satisfies never
  }
}

/** While an older socket may still have something to say, it proves nothing. */
function onPong(state: LivingState, id: number): LinkStep {
  const { generation } = state.live
  return isHolding(state) ? stay(state) : stay(state, { kind: 'pong', generation, id })
}

/** Passes a frame on, unless an older socket must be heard first. */
export function deliver(
  state: LinkState,
  { generation, text }: InputOf<'frame'>,
  frame: Extract<LinkEffect, { kind: 'frame' }>['frame'],
): LinkStep {
  const effect = { kind: 'frame', generation, frame, text } as const
  return isHolding(state) ? holdBack(state, effect) : stay(state, effect)
}

/** The successor is called for while this socket serves on: leaving earlier would miss what still comes on it. */
function onFarewell(state: LivingState, why: string): LinkStep {
  switch (state.kind) {
    case 'connected':
      return depart(state, why)
    case 'leaving':
      return stay(state)
    case 'handingOver':
      // Never three sockets: the next one is called for when the old one is gone.
      return stay({ ...state, farewell: why })
    default:
      return state satisfies never
  }
}

/** An RTM error on a socket that serves is about something we sent, and no reason to leave. */
function onRefusal(
  state: LivingState,
  { patience, why }: Extract<InputOf<'frame'>['frame'], { kind: 'refusal' }>,
  given: Given,
): LinkStep {
  if (patience === 'short') return stay(state)
  return lose(state, { why, leaving: [close(state.live.generation)], patience: { kind: 'long' } }, given)
}

function onPingDue(state: LivingState, given: Given): LinkStep {
  if (isSilent(state.live)) {
    const leaving = [terminate(state.live.generation)]
    return lose(state, { why: 'nothing heard for three pings', leaving, patience: SERVED }, given)
  }
  const { live, effects } = ping(state.live)
  return stay({ ...state, live }, ...effects)
}
