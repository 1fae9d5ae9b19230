/** The way to the next socket of a Slack link: an address, the socket, its hello. An older socket may serve meanwhile. */

import { merge } from '../step.ts'
import { type ApproachingState, call, further, goOn, retry, SHORT } from './link-attempt.ts'
import { onCalling } from './link-call.ts'
import { handOver } from './link-handover.ts'
import { deliver, serve } from './link-living.ts'
import {
  close,
  closeText,
  enter,
  type Given,
  type LinkStep,
  nextGeneration,
  setTimer,
  stay,
  terminate,
} from './link-moves.ts'
import type { InputOf, LinkInput, StateOf } from './link-state.ts'

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
      return retry(state, `the socket did not open: ${closeText(input)}`, given)
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
      return retry(state, `the socket closed before hello: ${closeText(input)}`, given)
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
