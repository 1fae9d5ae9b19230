/** How a Slack link ends when it is told to stop: what Slack wrote before it heard of that still counts. */

import { close, enter, type Given, type LinkStep, setTimer, stay, terminate } from './link-moves.ts'
import type {
  Approach,
  InputOf,
  LinkEffect,
  LinkInput,
  LinkState,
  LiveSocket,
  OldSocket,
  StateOf,
} from './link-state.ts'
import {
  type Aged,
  CLOSE_TIMEOUT_MS,
  closeUnanswered,
  drain,
  endLast,
  generationOf,
  hold,
  isAnswer,
  isFull,
  lastWords,
  letGo,
  type OldOf,
  withAnswer,
} from './old-socket.ts'

type ClosingState = StateOf<'closing'>

/** Whatever is acknowledged at all is so by then: an interaction after 2.5 s at the latest. */
const DRAINING_TIMEOUT_MS = 3_000

/** Whatever it is at. */
export function stop(state: LinkState, why: string, given: Given): LinkStep {
  switch (state.kind) {
    case 'idle':
      return end(state, why)
    case 'opening':
      return end(state, why, ...withdraw(state.approach))
    case 'connected':
      return begin(state, why, aged([], state.live, given))
    case 'leaving':
      return begin(state, why, aged([], state.live, given), withdraw(state.approach))
    case 'handingOver':
      return begin(state, why, aged([state.old], state.live, given), closeUnanswered(state.old))
    case 'closing':
    case 'stopped':
    case 'fatal':
      return stay(state)
    default:
      return state satisfies never
  }
}

/** What it takes to leave a socket that has not said hello. */
function withdraw({ kind, generation }: Approach): readonly LinkEffect[] {
  return kind === 'connecting' || kind === 'awaitingHello' ? [close(generation)] : []
}

interface Aging {
  readonly sockets: readonly OldSocket[]
  readonly effects: readonly LinkEffect[]
}

/** The live socket becomes the youngest of the old ones. */
function aged(olds: readonly OldSocket[], live: LiveSocket, { transport }: Given): Aging {
  const { old, effects } = transport === 'rtm' ? closeYoungest(olds, live.generation) : drain(live)
  return { sockets: [...olds, old], effects }
}

function closeYoungest(olds: readonly OldSocket[], generation: number): Aged<'closing'> | Aged<'ending'> {
  if (!olds.some(isEmptying)) return endLast(generation)
  return { old: { kind: 'closing', generation }, effects: [close(generation)] }
}

function begin(
  state: LinkState,
  why: string,
  { sockets, effects }: Aging,
  leaving: readonly LinkEffect[] = [],
): LinkStep {
  const { memory } = state
  const drainingMs = sockets.some(isDraining) ? DRAINING_TIMEOUT_MS : 0
  const draining = drainingMs > 0 ? [setTimer(memory.generation, 'handover', drainingMs)] : []
  return enter(
    state,
    { kind: 'closing', memory, sockets, why },
    'closes its sockets',
    ...leaving,
    { kind: 'clearTimers' },
    ...effects,
    ...draining,
    setTimer(memory.generation, 'close', drainingMs + CLOSE_TIMEOUT_MS),
  )
}

/** What Slack had written before it read our close arrives before its own: those are events like any other. */
export function onClosing(state: ClosingState, input: LinkInput): LinkStep {
  switch (input.kind) {
    case 'frame':
      return onLastFrame(state, input)
    case 'socketClosed':
      return onClosed(state, input)
    case 'drained':
      return closeDue(state, ({ socket }) => socket.generation === input.generation)
    case 'timer':
      return input.timer === 'handover' ? closeDue(state, () => true) : onTimeOver(state)
    default:
      return stay(state)
  }
}

function onLastFrame(state: ClosingState, input: InputOf<'frame'>): LinkStep {
  const { frame, generation, text } = input
  const socket = state.sockets.find((one) => generationOf(one) === generation)
  if (!socket) return stay(state)
  const emptying = state.sockets.find(isEmptying)
  const isEvent = frame.kind === 'event' || frame.kind === 'envelope'
  if (!emptying || emptying === socket || !isEvent)
    return stay(replace(state, socket, withAnswer(socket, input)), ...lastWords(socket, input))
  const holding = hold(emptying, { kind: 'frame', generation, frame, text })
  if (!isFull(holding)) return stay(replace(state, emptying, holding))
  const late = replace(state, emptying, { kind: 'closing', generation: emptying.generation })
  return stay(replace(late, socket, { kind: 'ending', generation }), ...letGo(holding, false, generation))
}

function replace(state: ClosingState, one: OldSocket, by: OldSocket): ClosingState {
  return { ...state, sockets: state.sockets.map((socket) => (socket === one ? by : socket)) }
}

function onClosed(state: ClosingState, input: InputOf<'socketClosed'>): LinkStep {
  const closed = state.sockets.find((one) => generationOf(one) === input.generation)
  const sockets = state.sockets.filter((one) => one !== closed)
  const others = { ...state, sockets }
  switch (closed?.kind) {
    case 'emptying':
      return outlive(others, closed, isAnswer(input))
    case 'ending':
      return endIfAlone(others, ...(isAnswer(input) ? [inTurn(closed)] : []))
    default:
      return endIfAlone(others)
  }
}

/** The old socket has said its last; the younger one, where it is not gone, is heard as it comes. */
function outlive(state: ClosingState, closed: OldOf<'emptying'>, answered: boolean): LinkStep {
  const [heir] = state.sockets
  if (!heir) return endIfAlone(state, ...letGo(closed, answered, undefined))
  const generation = generationOf(heir)
  return stay(replace(state, heir, { kind: 'ending', generation }), ...letGo(closed, answered, generation))
}

function inTurn({ generation }: OldOf<'ending'>): LinkEffect {
  return { kind: 'closedInTurn', generation }
}

function closeDue(state: ClosingState, isDue: (old: OldOf<'draining'>) => boolean): LinkStep {
  const due = state.sockets.filter(isDraining).filter(isDue)
  const sockets = state.sockets.map(
    (one): OldSocket =>
      isDraining(one) && isDue(one) ? { kind: 'closing', generation: one.socket.generation } : one,
  )
  return stay({ ...state, sockets }, ...due.map(({ socket }) => close(socket.generation)))
}

function onTimeOver(state: ClosingState): LinkStep {
  const emptying = state.sockets.find(isEmptying)
  const heir = state.sockets.find((one) => one !== emptying)
  const rest = emptying ? letGo(emptying, false, heir && generationOf(heir)) : []
  return endMissing(state, ...rest, ...state.sockets.map((one) => terminate(generationOf(one))))
}

function endIfAlone(state: ClosingState, ...effects: LinkEffect[]): LinkStep {
  return state.sockets.length === 0 ? endMissing(state, ...effects) : stay(state, ...effects)
}

function endMissing(state: ClosingState, ...effects: LinkEffect[]): LinkStep {
  return end(state, state.why, ...effects, { kind: 'disconnected', why: state.why })
}

function end(state: LinkState, why: string, ...effects: LinkEffect[]): LinkStep {
  const stopped: LinkState = { kind: 'stopped', memory: state.memory, why }
  return enter(state, stopped, why, ...effects, { kind: 'clearTimers' })
}

function isEmptying(old: OldSocket): old is OldOf<'emptying'> {
  return old.kind === 'emptying'
}

function isDraining(old: OldSocket): old is OldOf<'draining'> {
  return old.kind === 'draining'
}
