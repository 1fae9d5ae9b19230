/** The moves of a Slack link: from state to state, and what is asked of sockets and timers on the way. */

import type { Step } from '../step.ts'
import type { LinkEffect, LinkMemory, LinkState, LinkTimer, LinkTransport } from './link-state.ts'

/** What a link answers to one input. */
export type LinkStep = Step<LinkState, LinkEffect>

/** What one step has beside its state and its input. */
export interface Given {
  readonly transport: LinkTransport
  /** One number in [0, 1), drawn afresh for each input. */
  readonly random: number
}

const CLOSE_NORMALLY = 1000

/** The memory of the next socket. */
export function nextGeneration(memory: LinkMemory): LinkMemory {
  return { ...memory, generation: memory.generation + 1 }
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
export function closeText({ code, reason }: { code: number | undefined; reason: string }): string {
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
