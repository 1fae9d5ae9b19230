/** The way to the next socket of a Slack link: an address, the socket, its hello. An older socket may serve meanwhile. */

import { merge } from '../step.ts'
import { slackErrorRule } from './errors.ts'
import { handOver } from './link-handover.ts'
import { deliver, serve } from './link-living.ts'
import {
  APPROACH_TIMERS,
  type Attempt,
  backOff,
  call,
  close,
  closing,
  enter,
  type Given,
  giveUp,
  type LinkStep,
  nextGeneration,
  type Patience,
  SHORT,
  setTimer,
  stay,
  terminate,
} from './link-moves.ts'
import type { Approach, InputOf, LinkEffect, LinkInput, LinkState, StateOf } from './link-state.ts'

type ApproachingState = StateOf<'opening' | 'leaving'>

/** The address is good for 30 s. */
const CONNECT_TIMEOUT_MS = 15_000
const HELLO_TIMEOUT_MS = 15_000

/** The first call. */
export function start(state: StateOf<'idle'>): LinkStep {
  const { memory, approach, effects } = call(nextGeneration(state.memory))
  return enter(state, { kind: 'opening', memory, approach }, 'started', ...effects)
}

/** What concerns the socket that is to come. */
export function onApproach(state: ApproachingState, input: LinkInput, given: Given): LinkStep {
  switch (state.approach.kind) {
    case 'calling':
      return onCalling(state, input, given)
    case 'connecting':
      return onConnecting(state, input, given)
    case 'awaitingHello':
      return onAwaitingHello(state, input, given)
    case 'backingOff':
      return input.kind === 'timer' ? goOn(state, call(state.memory), 'trying again') : stay(state)
    default:
      return state.approach satisfies never
  }
}

function onCalling(state: ApproachingState, input: LinkInput, given: Given): LinkStep {
  switch (input.kind) {
    case 'addressGiven':
      return onAddress(state, input)
    case 'addressRefused':
      return onRefused(state, input, given)
    case 'timer':
      return retry(state, 'the call for an address was not answered in time', given)
    default:
      return stay(state)
  }
}

function onAddress(state: ApproachingState, { url }: InputOf<'addressGiven'>): LinkStep {
  const { generation } = state.approach
  const effects: LinkEffect[] = [
    { kind: 'openSocket', generation, url },
    setTimer(generation, 'connect', CONNECT_TIMEOUT_MS),
  ]
  return further(state, { kind: 'connecting', generation }, effects, 'Slack gave an address')
}

function onRefused(state: ApproachingState, input: InputOf<'addressRefused'>, given: Given): LinkStep {
  const { error, reason, retryAfterMs } = input
  const refused = `Slack gives no address: ${error}${reason === undefined ? '' : ` (${reason})`}`
  if (error === 'budget_spent' && retryAfterMs !== undefined)
    return retry(state, 'waits to call for an address: the budget of calls is spent', given, [], {
      kind: 'exactly',
      ms: retryAfterMs,
    })
  // The bot's token is the one that RTM takes: so is what to do about it.
  const rule = slackErrorRule(error, input.token === 'bot' ? 'rtm' : given.transport)
  switch (rule.action) {
    case 'fatal':
      return onFatal(state, `${refused}: ${rule.advice}`, given)
    case 'wait':
      return retry(state, refused, given, [], { kind: 'backoff', atLeastMs: retryAfterMs ?? 0 })
    default:
      return rule satisfies never
  }
}

/** What still serves is not thrown away for an error of its successor: the link ends when nothing serves any more. */
function onFatal(state: ApproachingState, why: string, given: Given): LinkStep {
  return state.kind === 'leaving' ? retry(state, why, given) : giveUp(state, why)
}

function onConnecting(state: ApproachingState, input: LinkInput, given: Given): LinkStep {
  const { generation } = state.approach
  switch (input.kind) {
    case 'socketOpened':
      return further(
        state,
        { kind: 'awaitingHello', generation },
        [setTimer(generation, 'hello', HELLO_TIMEOUT_MS)],
        'the socket is open',
      )
    case 'socketClosed':
      return retry(state, `the socket did not open: ${closing(input)}`, given)
    case 'timer':
      return retry(state, 'the socket did not open in time', given, [terminate(generation)])
    default:
      return stay(state)
  }
}

function onAwaitingHello(state: ApproachingState, input: LinkInput, given: Given): LinkStep {
  switch (input.kind) {
    case 'frame':
      return onFirstFrame(state, input, given)
    case 'socketClosed':
      return retry(state, `the socket closed before hello: ${closing(input)}`, given)
    case 'timer':
      return retry(state, 'no hello in time', given, [terminate(state.approach.generation)])
    default:
      return stay(state)
  }
}

function onFirstFrame(state: ApproachingState, input: InputOf<'frame'>, given: Given): LinkStep {
  const { frame } = input
  const { generation } = state.approach
  switch (frame.kind) {
    case 'hello':
      return greet(state, given)
    case 'event':
    case 'envelope':
      // Out of turn, but an event is an event.
      return merge(greet(state, given), (greeted) => deliver(greeted, input, frame))
    case 'refusal':
      return retry(
        state,
        frame.why,
        given,
        [close(generation)],
        frame.patience === 'long' ? { kind: 'long' } : SHORT,
      )
    case 'farewell':
      return retry(state, `in place of hello: ${frame.why}`, given, [close(generation)])
    case 'reply':
      return stay(state, { kind: 'reply', generation, frame })
    case 'malformed':
      return stay(state, frame)
    case 'pong':
    case 'aside':
      return stay(state)
    default:
      return frame satisfies never
  }
}

/** The socket serves: alone, or beside the one that it succeeds. */
function greet(state: ApproachingState, given: Given): LinkStep {
  return state.kind === 'leaving' ? handOver(state, given) : serve(state, given)
}

/** The same attempt goes on. */
function further(
  state: ApproachingState,
  approach: Approach,
  effects: readonly LinkEffect[],
  why: string,
): LinkStep {
  return goOn(state, { memory: state.memory, approach, effects }, why)
}

/** This attempt failed (`leaving` says how its socket is left); another one follows. */
function retry(
  state: ApproachingState,
  why: string,
  given: Given,
  leaving: readonly LinkEffect[] = [],
  patience: Patience = SHORT,
): LinkStep {
  return goOn(state, backOff(state.memory, why, patience, given), why, leaving)
}

function goOn(
  state: ApproachingState,
  { memory, approach, effects }: Attempt,
  why: string,
  leaving: readonly LinkEffect[] = [],
): LinkStep {
  const next: LinkState = { ...state, memory, approach }
  const clear: LinkEffect = { kind: 'clearTimer', timer: APPROACH_TIMERS[state.approach.kind] }
  return enter(state, next, why, ...leaving, clear, ...effects)
}
