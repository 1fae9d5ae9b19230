/** One attempt of a Slack link to get a socket after another: the call, and how long to wait before the next. */

import { type BackoffRule, backoffMs } from '../backoff.ts'
import { withWait } from '../wait.ts'
import { enter, type Given, type LinkStep, nextGeneration, setTimer } from './link-moves.ts'
import type { Approach, LinkEffect, LinkMemory, LinkState, LinkTimer, StateOf } from './link-state.ts'

/** A state in which a socket is on the way. */
export type ApproachingState = StateOf<'opening' | 'leaving'>

/** How long to wait before the next call. */
export type Patience =
  /** The usual backoff, and at least as long as Slack asked. */
  | { readonly kind: 'backoff'; readonly atLeastMs: number }
  /** The usual backoff, but for the last attempt: it led to a socket that served. */
  | { readonly kind: 'served' }
  /** As long as told: no call was made, so none failed. */
  | { readonly kind: 'exactly'; readonly ms: number }
  /** Slack would refuse again soon. */
  | { readonly kind: 'long' }

/** The usual backoff. */
export const SHORT: Patience = { kind: 'backoff', atLeastMs: 0 }
/** The backoff after a socket that served. What is spent of Slack's budget is counted elsewhere. */
export const SERVED: Patience = { kind: 'served' }

/** rtm.connect is Tier 1: about one call a minute, with some burst. */
const BACKOFF: BackoffRule = { firstMs: [0, 1_000], baseMs: 5_000, capMs: 120_000 }
/** A minute at first, a quarter of an hour at last. */
const LONG_BACKOFF: BackoffRule = { firstMs: [60_000, 60_000], baseMs: 120_000, capMs: 900_000 }
const CALL_TIMEOUT_MS = 30_000

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

/** An attempt that waits for its time. */
export interface Wait extends Attempt {
  /** Why, and for how long. */
  readonly why: string
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
export function backOff(left: LinkMemory, reason: string, patience: Patience, { random }: Given): Wait {
  const memory = counted(nextGeneration(left), patience)
  const { generation } = memory
  const waitMs = waitOf(memory, patience, random)
  const why = withWait(reason, waitMs)
  return {
    memory,
    approach: { kind: 'backingOff', generation, why, waitMs },
    effects: [setTimer(generation, 'reconnect', waitMs)],
    why,
  }
}

function counted(memory: LinkMemory, patience: Patience): LinkMemory {
  switch (patience.kind) {
    case 'backoff':
    case 'served':
      return memory
    case 'exactly':
      return { ...memory, attemptCount: Math.max(0, memory.attemptCount - 1) }
    case 'long':
      return { ...memory, refusalCount: memory.refusalCount + 1 }
    default:
      return patience satisfies never
  }
}

function waitOf(memory: LinkMemory, patience: Patience, random: number): number {
  switch (patience.kind) {
    case 'backoff':
      return Math.max(patience.atLeastMs, backoffMs(BACKOFF, memory.attemptCount, random))
    case 'served':
      return backoffMs(BACKOFF, memory.attemptCount - 1, random)
    case 'exactly':
      return patience.ms
    case 'long':
      return backoffMs(LONG_BACKOFF, memory.refusalCount, random)
    default:
      return patience satisfies never
  }
}

/** Calls for the successor of a socket that will not live much longer. */
export function depart(state: StateOf<'connected'>, why: string): LinkStep {
  const { memory, approach, effects } = call(nextGeneration(state.memory))
  const leaving: LinkState = { kind: 'leaving', memory, live: state.live, approach, probeId: undefined }
  return enter(state, leaving, why, { kind: 'clearTimer', timer: 'age' }, ...effects)
}

/** The same attempt goes on. */
export function further(
  state: ApproachingState,
  approach: Approach,
  effects: readonly LinkEffect[],
  why: string,
): LinkStep {
  return goOn(state, { memory: state.memory, approach, effects }, why)
}

/** This attempt failed (`leaving` says how its socket is left); another one follows. */
export function retry(
  state: ApproachingState,
  reason: string,
  given: Given,
  leaving: readonly LinkEffect[] = [],
  patience: Patience = SHORT,
): LinkStep {
  const wait = backOff(state.memory, reason, patience, given)
  return goOn(state, wait, wait.why, leaving)
}

/** Goes on with another step of the way. */
export function goOn(
  state: ApproachingState,
  { memory, approach, effects }: Attempt,
  why: string,
  leaving: readonly LinkEffect[] = [],
): LinkStep {
  const next: LinkState = { ...state, memory, approach }
  const clear: LinkEffect = { kind: 'clearTimer', timer: APPROACH_TIMERS[state.approach.kind] }
  return enter(state, next, why, ...leaving, clear, ...effects)
}
