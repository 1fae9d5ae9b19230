/** What becomes of a Slack link whose live socket ends. */

import { withRestOfWait } from '../wait.ts'
import { backOff, type Patience, SHORT } from './link-attempt.ts'
import { enter, type Given, type LinkStep } from './link-moves.ts'
import { ping } from './link-pulse.ts'
import type { Approach, LinkEffect, LiveSocket, StateOf } from './link-state.ts'
import { abandon } from './old-socket.ts'

/** A state in which Slack has said hello on a socket that we have not closed. */
export type LivingState = StateOf<'connected' | 'leaving' | 'handingOver'>

/** How a socket ends: what the log says, how we leave it, and how long we wait before the next. */
export interface End {
  readonly why: string
  readonly leaving: readonly LinkEffect[]
  readonly patience: Patience
}

/** The live socket is gone. An older or a younger one may be there. */
export function lose(state: LivingState, end: End, given: Given): LinkStep {
  switch (state.kind) {
    case 'connected':
      return comeBack(state, end, given, end.leaving)
    case 'leaving':
      return goOnWithout(state, end, given)
    case 'handingOver':
      return state.old.kind === 'draining'
        ? fallBack(state, state.old.socket, end, given)
        : comeBack(state, end, given, [...end.leaving, ...abandon(state.old)])
    default:
      return state satisfies never
  }
}

/** No socket is left. */
function comeBack(
  state: LivingState,
  { why, patience }: End,
  given: Given,
  leaving: readonly LinkEffect[],
): LinkStep {
  const { memory, approach, effects, why: told } = backOff(state.memory, why, patience, given)
  return enter(
    state,
    { kind: 'opening', memory, approach },
    told,
    ...leaving,
    { kind: 'disconnected', why },
    { kind: 'clearTimers' },
    ...effects,
  )
}

/** No socket is left, but the next one is on its way. */
function goOnWithout(state: StateOf<'leaving'>, { why, leaving, patience }: End, given: Given): LinkStep {
  const isPlaceFree = state.approach.kind === 'backingOff' && patience.kind !== 'long'
  const wasRefused = isPlaceFree && state.memory.refusalCount > 0
  // What Slack found one too many beside this socket it may well take in its place.
  const {
    memory,
    approach,
    effects,
    why: told,
  } = wasRefused
    ? backOff(state.memory, why, SHORT, given)
    : { ...state, effects: [], why: besides(why, state.approach) }
  return enter(
    state,
    { kind: 'opening', memory, approach },
    told,
    ...leaving,
    { kind: 'disconnected', why },
    { kind: 'clearTimer', timer: 'ping' },
    ...effects,
  )
}

/** What is lost beside a wait that began before, and goes on. */
function besides(why: string, approach: Approach): string {
  return approach.kind === 'backingOff' ? withRestOfWait(why, approach.waitMs) : why
}

/** The successor is gone before the old socket is: that one serves on. */
function fallBack(state: StateOf<'handingOver'>, old: LiveSocket, end: End, given: Given): LinkStep {
  const { leaving, patience } = end
  const { memory, approach, effects, why } = backOff(state.memory, end.why, patience, given)
  const { live, effects: pulse } = ping(old)
  return enter(
    state,
    { kind: 'leaving', memory, live, approach, probeId: undefined },
    why,
    ...leaving,
    { kind: 'clearTimers' },
    ...effects,
    ...pulse,
  )
}
