/** The moves of a Slack link: ask for an address, wait for the next attempt, give up. */

import { type BackoffRule, backoffMs } from '../backoff.ts'
import type { Step } from '../step.ts'
import type {
  Approach,
  LinkEffect,
  LinkMemory,
  LinkState,
  LinkTimer,
  LinkTransport,
  StateOf,
} from './link-state.ts'

/** What a link answers to one input. */
export type LinkStep = Step<LinkState, LinkEffect>

/** What one step has beside its state and its input. */
export interface Given {
  readonly transport: LinkTransport
  /** One number in [0, 1), drawn afresh for each input. */
  readonly random: number
}

/** How long to wait before the next call. */
export type Patience =
  /** The usual backoff, and at least as long as Slack asked. */
  | { readonly kind: 'backoff'; readonly atLeastMs: number }
  /** As long as told: no call was made, so none failed. */
  | { readonly kind: 'exactly'; readonly ms: number }
  /** Slack would refuse again soon. */
  | { readonly kind: 'long' }

export const SHORT: Patience = { kind: 'backoff', atLeastMs: 0 }

/** rtm.connect is Tier 1: about one call a minute, with some burst. */
const BACKOFF: BackoffRule = { firstMs: [0, 1_000], baseMs: 5_000, capMs: 120_000 }
/** A minute at first, a quarter of an hour at last. */
const LONG_BACKOFF: BackoffRule = { firstMs: [60_000, 60_000], baseMs: 120_000, capMs: 900_000 }
const CALL_TIMEOUT_MS = 30_000
const CLOSE_NORMALLY = 1000

/** The timer that each step of the way to a socket lives by. */
export const APPROACH_TIMERS = {
  calling: 'call',
  connecting: 'connect',
  awaitingHello: 'hello',
  backingOff: 'reconnect',
} as const satisfies Record<Approach['kind'], LinkTimer>

/** A step of the way to a socket, and the memory that goes with it. */
export interface Attempt {
  readonly memory: LinkMemory
  readonly approach: Approach
  readonly effects: readonly LinkEffect[]
}

/** Asks for the address of a socket that has its number already. */
export function call(before: LinkMemory): Attempt {
  const { generation } = before
  return {
    memory: { ...before, attemptCount: before.attemptCount + 1 },
    approach: { kind: 'calling', generation },
    effects: [{ kind: 'callForAddress', generation }, setTimer(generation, 'call', CALL_TIMEOUT_MS)],
  }
}

/** Sets the time of the next call, for a socket with a new number. */
export function backOff(left: LinkMemory, why: string, patience: Patience, { random }: Given): Attempt {
  const memory = counted(nextGeneration(left), patience)
  const { generation } = memory
  return {
    memory,
    approach: { kind: 'backingOff', generation, why },
    effects: [setTimer(generation, 'reconnect', waitMs(memory, patience, random))],
  }
}

function counted(memory: LinkMemory, patience: Patience): LinkMemory {
  switch (patience.kind) {
    case 'backoff':
      return memory
    case 'exactly':
      return { ...memory, attemptCount: Math.max(0, memory.attemptCount - 1) }
    case 'long':
      return { ...memory, refusalCount: memory.refusalCount + 1 }
    default:
      return patience satisfies never
  }
}

function waitMs(memory: LinkMemory, patience: Patience, random: number): number {
  switch (patience.kind) {
    case 'backoff':
      return Math.max(patience.atLeastMs, backoffMs(BACKOFF, memory.attemptCount, random))
    case 'exactly':
      return patience.ms
    case 'long':
      return backoffMs(LONG_BACKOFF, memory.refusalCount, random)
    default:
      return patience satisfies never
  }
}

/** The memory of the next socket. */
export function nextGeneration(memory: LinkMemory): LinkMemory {
  return { ...memory, generation: memory.generation + 1 }
}

/** Calls for the successor of a socket that will not live much longer. */
export function depart(state: StateOf<'connected'>, why: string): LinkStep {
  const { memory, approach, effects } = call(nextGeneration(state.memory))
  const leaving: LinkState = { kind: 'leaving', memory, live: state.live, approach }
  return enter(state, leaving, why, { kind: 'clearTimer', timer: 'age' }, ...effects)
}

/** Ends for good: `why` says what a person must do. */
export function giveUp(from: LinkState, why: string): LinkStep {
  const fatal: LinkState = { kind: 'fatal', memory: from.memory, why }
  return enter(from, fatal, why, { kind: 'clearTimers' }, { kind: 'fatal', why })
}

/** Closes a socket as any other: neither transport has a session to keep. */
export function close(generation: number): LinkEffect {
  return { kind: 'closeSocket', generation, code: CLOSE_NORMALLY }
}

/** Drops a socket on which nobody would answer a close. */
export function terminate(generation: number): LinkEffect {
  return { kind: 'terminateSocket', generation }
}

/** Sets a timer of the socket (or the call that leads to one) with this number. */
export function setTimer(generation: number, timer: LinkTimer, ms: number): LinkEffect {
  return { kind: 'setTimer', timer, ms, generation }
}

/** How a socket closed, for a log line. */
export function closing({ code, reason }: { code: number | undefined; reason: string }): string {
  return `${code ?? 'no code'}${reason && ` ${reason}`}`
}

/** The state is kept, or moves within its kind: nothing that a log line would tell. */
export function stay(state: LinkState, ...effects: LinkEffect[]): LinkStep {
  return { state, effects }
}

/** Goes over into another state, or on with the way to a socket, and says why. */
export function enter(from: LinkState, to: LinkState, why: string, ...effects: LinkEffect[]): LinkStep {
  return { state: to, effects: [{ kind: 'transition', from: from.kind, to: to.kind, why }, ...effects] }
}
