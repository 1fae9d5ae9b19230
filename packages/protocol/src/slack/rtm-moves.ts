/** The moves between sockets of an RTM connection: ask for an address, leave a socket and come back, give up. */

import { type BackoffRule, backoffMs } from '../backoff.ts'
import type { Step } from '../step.ts'
import type { RtmEffect, RtmMemory, RtmState, RtmTimer } from './rtm-state.ts'

export type RtmStep = Step<RtmState, RtmEffect>

/** rtm.connect is Tier 1: about one call a minute, with some burst. */
const BACKOFF: BackoffRule = { firstMs: [0, 1_000], baseMs: 5_000, capMs: 120_000 }
const CALL_TIMEOUT_MS = 30_000
const CLOSE_NORMALLY = 1000

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

export function giveUp(from: RtmState, why: string): RtmStep {
  return enter(
    from,
    { kind: 'fatal', memory: from.memory, why },
    why,
    { kind: 'clearTimers' },
    { kind: 'fatal', why },
  )
}

export function leave(state: RtmState): readonly RtmEffect[] {
  switch (state.kind) {
    case 'connecting':
    case 'awaitingHello':
    case 'connected':
    case 'leaving':
      return [{ kind: 'closeSocket', generation: state.memory.generation, code: CLOSE_NORMALLY }]
    case 'idle':
    case 'calling':
    case 'backingOff':
    case 'stopped':
    case 'fatal':
      return []
    default:
      return state satisfies never
  }
}

export function terminate(state: RtmState): RtmEffect {
  return { kind: 'terminateSocket', generation: state.memory.generation }
}

export function nextGeneration({ memory }: RtmState): RtmMemory {
  return { ...memory, generation: memory.generation + 1 }
}

export function closing({ code, reason }: { code: number | undefined; reason: string }): string {
  return `${code ?? 'no code'}${reason && ` ${reason}`}`
}

export function refusal({ code, message }: { code: number | undefined; message: string }): string {
  return `Slack refuses the socket: ${message}${code === undefined ? '' : ` (${code})`}`
}

export function setTimer(memory: RtmMemory, timer: RtmTimer, ms: number): RtmEffect {
  return { kind: 'setTimer', timer, ms, generation: memory.generation }
}

export function stay(state: RtmState, ...effects: RtmEffect[]): RtmStep {
  return { state, effects }
}

export function enter(from: RtmState, to: RtmState, why: string, ...effects: RtmEffect[]): RtmStep {
  return { state: to, effects: [{ kind: 'transition', from: from.kind, to: to.kind, why }, ...effects] }
}
