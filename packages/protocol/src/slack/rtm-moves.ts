/** The moves between sockets of an RTM connection: ask for an address, leave a socket and come back, give up. */

import { type BackoffRule, backoffMs } from '../backoff.ts'
import type { Step } from '../step.ts'
import type { RtmEffect, RtmMemory, RtmState, RtmTimer } from './rtm-state.ts'

/** What an RTM connection answers to one input. */
export type RtmStep = Step<RtmState, RtmEffect>

/** rtm.connect is Tier 1: about one call a minute, with some burst. */
const BACKOFF: BackoffRule = { firstMs: [0, 1_000], baseMs: 5_000, capMs: 120_000 }
const CALL_TIMEOUT_MS = 30_000
const CLOSE_NORMALLY = 1000

/** Begins an attempt: asks for an address. */
export function call(from: RtmState, before: RtmMemory, why: string): RtmStep {
  const memory = { ...before, attemptCount: before.attemptCount + 1 }
  return enter(
    from,
    { kind: 'calling', memory },
    why,
    { kind: 'callConnect', generation: memory.generation },
    setTimer(memory, 'call', CALL_TIMEOUT_MS),
  )
}

/** Leaves the socket behind (`leaving` says how) and sets the time of the next attempt, under a new generation. */
export function reconnect(
  from: RtmState,
  why: string,
  random: number,
  leaving: readonly RtmEffect[] = [],
  atLeastMs = 0,
): RtmStep {
  const memory = nextGeneration(from)
  const waitMs = Math.max(atLeastMs, backoffMs(BACKOFF, memory.attemptCount, random))
  return enter(
    from,
    { kind: 'backingOff', memory, why },
    why,
    ...leaving,
    { kind: 'clearTimers' },
    setTimer(memory, 'reconnect', waitMs),
  )
}

/** Ends for good: `why` says what a person must do. */
export function giveUp(from: RtmState, why: string): RtmStep {
  return enter(
    from,
    { kind: 'fatal', memory: from.memory, why },
    why,
    { kind: 'clearTimers' },
    { kind: 'fatal', why },
  )
}

/** What it takes to leave whatever the state holds. RTM has no session to keep, so its socket closes as any other. */
export function leave(state: RtmState): readonly RtmEffect[] {
  switch (state.kind) {
    case 'connecting':
    case 'awaitingHello':
    case 'connected':
    case 'leaving':
      return [{ kind: 'closeSocket', generation: state.memory.generation, code: CLOSE_NORMALLY }]
    case 'idle':
    case 'calling':
    case 'closing':
    case 'backingOff':
    case 'stopped':
    case 'fatal':
      return []
    default:
      return state satisfies never
  }
}

/** Drops a socket on which nobody would answer a close. */
export function terminate(state: RtmState): RtmEffect {
  return { kind: 'terminateSocket', generation: state.memory.generation }
}

/** The memory of the next socket. */
export function nextGeneration({ memory }: RtmState): RtmMemory {
  return { ...memory, generation: memory.generation + 1 }
}

/** How a socket closed, for a log line. */
export function closing({ code, reason }: { code: number | undefined; reason: string }): string {
  return `${code ?? 'no code'}${reason && ` ${reason}`}`
}

/** What an error frame says, for a log line. */
export function refusal({ code, message }: { code: number | undefined; message: string }): string {
  return `Slack refuses the socket: ${message}${code === undefined ? '' : ` (${code})`}`
}

/** Sets one of the state's timers, for the socket of now. */
export function setTimer(memory: RtmMemory, timer: RtmTimer, ms: number): RtmEffect {
  return { kind: 'setTimer', timer, ms, generation: memory.generation }
}

/** The state is kept, or moves within its kind: nothing that a log line would tell. */
export function stay(state: RtmState, ...effects: RtmEffect[]): RtmStep {
  return { state, effects }
}

/** Goes over into another kind of state, and says why. */
export function enter(from: RtmState, to: RtmState, why: string, ...effects: RtmEffect[]): RtmStep {
  return { state: to, effects: [{ kind: 'transition', from: from.kind, to: to.kind, why }, ...effects] }
}
