/** How one socket of a Slack link takes over from another. */

import { merge } from '../step.ts'
import { depart } from './link-attempt.ts'
import { enter, type Given, type LinkStep, stay, terminate } from './link-moves.ts'
import { firstPulse } from './link-pulse.ts'
import type { HeldFrame, InputOf, LinkEffect, LinkInput, LinkState, StateOf } from './link-state.ts'
import {
  closeDrained,
  closeEmptied,
  closeTimer,
  closeUnanswered,
  drain,
  empty,
  generationOf,
  hold,
  isAnswer,
  isAwaiting,
  isFull,
  lastWords,
  letGo,
  type OldOf,
  withAnswer,
} from './old-socket.ts'

/** A hand-over in which the old socket is heard before its successor. */
export type HoldingState = StateOf<'handingOver'> & { readonly old: OldOf<'emptying'> }

/**
 * The successor has said hello. On RTM both sockets now carry every event: the old one is closed once it has nothing left
 * that the successor has not, and what it still says comes first. In Socket Mode each envelope comes on one of them: the
 * old one stays until its own are acknowledged.
 */
export function handOver(state: StateOf<'leaving'>, given: Given): LinkStep {
  const { memory, live: before, approach, probeId } = state
  const { old, effects } = given.transport === 'rtm' ? empty(before, probeId) : drain(before)
  const pulse = firstPulse(approach.generation, given)
  return enter(
    state,
    { kind: 'handingOver', memory, live: pulse.live, old, farewell: undefined },
    'hello from the successor',
    { kind: 'clearTimers' },
    ...effects,
    ...pulse.effects,
  )
}

/** What concerns the old socket. */
export function onOld(state: StateOf<'handingOver'>, input: LinkInput): LinkStep {
  const { old, live } = state
  switch (input.kind) {
    case 'frame':
      return hear(state, input)
    case 'socketClosed':
      return finish(state, ...(old.kind === 'emptying' ? letGo(old, isAnswer(input), live.generation) : []))
    case 'drained':
      return old.kind === 'draining' ? closeOld(state, old) : stay(state)
    case 'timer':
      return onTimeOver(state)
    default:
      return stay(state)
  }
}

/** RTM: the answer that its close waits for may be among it. */
function hear(state: StateOf<'handingOver'>, input: InputOf<'frame'>): LinkStep {
  const old = withAnswer(state.old, input)
  const isAnswered = old.kind === 'emptying' && old.awaitedId === undefined && isAwaiting(state.old)
  return stay({ ...state, old }, ...lastWords(old, input), ...(isAnswered ? closeEmptied(old) : []))
}

/** Whether the old socket must be heard first. */
export function isHolding(state: LinkState): state is HoldingState {
  return state.kind === 'handingOver' && state.old.kind === 'emptying'
}

/** Holds a frame of the successor. At the bound everything is let go. */
export function holdBack(state: HoldingState, effect: HeldFrame): LinkStep {
  const old = hold(state.old, effect)
  const holding = { ...state, old }
  return isFull(old) ? waitNoLonger(holding, old) : stay(holding)
}

function onTimeOver(state: StateOf<'handingOver'>): LinkStep {
  const { old } = state
  switch (old.kind) {
    case 'draining':
      return closeOld(state, old)
    case 'emptying':
      return waitNoLonger(state, old)
    case 'ending':
    case 'closing':
      return finish(state, terminate(old.generation))
    default:
      return old satisfies never
  }
}

function closeOld(state: StateOf<'handingOver'>, draining: OldOf<'draining'>): LinkStep {
  const { old, effects } = closeDrained(draining)
  return stay({ ...state, old }, { kind: 'clearTimer', timer: 'handover' }, ...effects)
}

/** The successor's frames are late enough. What the old socket still says is taken as it comes. */
function waitNoLonger(state: StateOf<'handingOver'>, emptying: OldOf<'emptying'>): LinkStep {
  const { generation } = emptying
  return stay(
    { ...state, old: { kind: 'closing', generation } },
    ...closeUnanswered(emptying),
    ...letGo(emptying, false, state.live.generation),
    { kind: 'clearTimer', timer: 'handover' },
    closeTimer(generation),
  )
}

/** The old socket is gone. If the successor has been told of its own end meanwhile, the next one is called for. */
function finish(state: StateOf<'handingOver'>, ...effects: LinkEffect[]): LinkStep {
  const { memory, live, old, farewell } = state
  const connected: StateOf<'connected'> = { kind: 'connected', memory, live }
  const served = enter(
    state,
    connected,
    'the old socket is gone, its successor serves',
    ...effects,
    { kind: 'handedOver', from: generationOf(old), to: live.generation },
    { kind: 'clearTimer', timer: 'handover' },
    { kind: 'clearTimer', timer: 'close' },
  )
  return farewell === undefined ? served : merge(served, () => depart(connected, farewell))
}
