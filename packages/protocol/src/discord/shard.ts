/**
 * The connection of one Discord shard. Source: docs.discord.com/developers/events/gateway
 *
 * | state          | waits for                            | ended at the latest by                                  |
 * |----------------|--------------------------------------|---------------------------------------------------------|
 * | idle           | `start`                              | its owner                                               |
 * | locating       | the generic address                  | timer `locate`                                          |
 * | connecting     | the socket to open                   | timer `connect`                                         |
 * | awaitingHello  | op 10                                | timer `hello`                                           |
 * | awaitingPermit | the right to identify                | timer `heartbeat` (zombie)                              |
 * | identifying    | READY                                | timer `heartbeat`: Discord asks us to stay while it can't serve |
 * | resuming       | RESUMED, after the replay            | timer `heartbeat`                                       |
 * | connected      | dispatches                           | timer `heartbeat`                                       |
 * | backingOff     | the next attempt                     | timer `reconnect`                                       |
 * | holding        | room for more dispatches             | `room`, asked for at each timer `hold`                  |
 * | draining       | everything received to be confirmed  | timer `drain`                                           |
 * | drained        | `stop`, once the checkpoint is saved | timer `drain`, set again                                |
 * | stopped, fatal | nothing: final                       |                                                         |
 *
 * Where there is no room, Discord keeps what happens: `holding` has no socket. It is entered from every state with a session to
 * resume or an identify still to come; one that is under way is spent already, so READY is waited for first.
 *
 * Promises: never two sockets; never an identify without a permit; a resume asks for everything after the confirmed
 * sequence; a replayed dispatch is never dropped; we never close with 1000 or 1001.
 */

import { isPast, type TimersOf } from '../socket.ts'
import type { Machine } from '../step.ts'
import { onDeaf } from './shard-deaf.ts'
import { drain, onDraining } from './shard-draining.ts'
import { onFrame, sendHeartbeat } from './shard-frames.ts'
import { onHolding, onRoom } from './shard-holding.ts'
import {
  afterClose,
  attempt,
  enter,
  leave,
  reconnect,
  type ShardStep,
  setTimer,
  stay,
  withdraw,
} from './shard-moves.ts'
import { onAwaitingHello, onConnecting, onIdle, onLocating } from './shard-opening.ts'
import type {
  LivingState,
  Shard,
  ShardEffect,
  ShardInput,
  ShardState,
  ShardTimer,
  StateOf,
} from './shard-state.ts'

const TIMERS: TimersOf<ShardState['kind'], ShardTimer> = {
  idle: [],
  locating: ['locate'],
  connecting: ['connect'],
  awaitingHello: ['hello'],
  awaitingPermit: ['heartbeat'],
  identifying: ['heartbeat'],
  resuming: ['heartbeat'],
  connected: ['heartbeat'],
  backingOff: ['reconnect'],
  holding: ['hold'],
  draining: ['drain', 'heartbeat'],
  drained: ['drain', 'heartbeat'],
  stopped: [],
  fatal: [],
}

/** A shard that has not started. */
export function idleShard(shard: Shard): ShardState {
  return {
    kind: 'idle',
    memory: {
      shard,
      generation: 0,
      attemptCount: 0,
      identifyCount: 0,
      triedCount: 0,
      gatewayUrl: undefined,
      session: undefined,
      full: false,
    },
  }
}

/** One step of a shard. */
export const stepShard: Machine<ShardState, ShardInput, ShardEffect> = (state, input, random) => {
  if (isPast(state, input, TIMERS)) return stay(state)
  switch (input.kind) {
    case 'confirmed':
      return onState(withConfirmed(state, input), input, random)
    case 'room':
      return onRoom(state, input.full, random)
    case 'drain':
      return drain(state, input.graceMs)
    case 'stop':
      return stop(state, input.why)
    default:
      return onState(state, input, random)
  }
}

function onState(state: ShardState, input: ShardInput, random: number): ShardStep {
  switch (state.kind) {
    case 'idle':
      return onIdle(state, input)
    case 'locating':
      return onLocating(state, input, random)
    case 'connecting':
      return onConnecting(state, input, random)
    case 'awaitingHello':
      return onAwaitingHello(state, input, random)
    case 'awaitingPermit':
      return onAwaitingPermit(state, input, random)
    case 'identifying':
    case 'resuming':
    case 'connected':
      return onLiving(state, input, random)
    case 'backingOff':
      return onBackingOff(state, input)
    case 'holding':
      return onHolding(state, input)
    case 'draining':
    case 'drained':
      return onDraining(state, input)
    case 'stopped':
    case 'fatal':
      return stay(state)
    default:
      return state satisfies never
  }
}

function onAwaitingPermit(state: StateOf<'awaitingPermit'>, input: ShardInput, random: number): ShardStep {
  if (input.kind !== 'permitGranted') return onLiving(state, input, random)
  const memory = { ...state.memory, identifyCount: state.memory.identifyCount + 1 }
  return enter(state, { ...state, kind: 'identifying', memory }, 'permit granted', { kind: 'identify' })
}

function onLiving(state: LivingState, input: ShardInput, random: number): ShardStep {
  switch (input.kind) {
    case 'frame':
      return onFrame(state, input.frame, random)
    case 'socketClosed':
      return afterClose(state, input.code, input.reason, random)
    case 'timer':
      return onHeartbeatDue(state, random)
    case 'deaf':
      return state.kind === 'connected' ? onDeaf(state, input.anew, random) : stay(state)
    default:
      return stay(state)
  }
}

function onHeartbeatDue(state: LivingState, random: number): ShardStep {
  const { memory, heartbeat } = state
  if (!heartbeat.heard)
    // A graceful close of a dead socket would wait for an answer that can't come.
    return reconnect(state, memory, 'zombie: nothing heard since the last heartbeat', random, [
      ...withdraw(state),
      { kind: 'terminateSocket', generation: memory.generation },
    ])
  return stay(
    { ...state, heartbeat: { ...heartbeat, heard: false } },
    sendHeartbeat(memory),
    setTimer(memory, 'heartbeat', heartbeat.intervalMs),
  )
}

function onBackingOff(state: StateOf<'backingOff'>, input: ShardInput): ShardStep {
  return input.kind === 'timer' ? attempt(state, state.memory, 'trying again') : stay(state)
}

/** The watermark of the session, kept in every state; that of an older session is none of ours. */
function withConfirmed(
  state: ShardState,
  { sessionId, sequence }: Extract<ShardInput, { kind: 'confirmed' }>,
): ShardState {
  const { session } = state.memory
  if (session?.sessionId !== sessionId || sequence <= session.confirmed) return state
  const memory = { ...state.memory, session: { ...session, confirmed: sequence } }
  // Every variant takes a memory with a session; the compiler does not follow that through the spread of a union.
  return { ...state, memory } as ShardState
}

function stop(state: ShardState, why: string): ShardStep {
  if (state.kind === 'stopped' || state.kind === 'fatal') return stay(state)
  const stopped: ShardState = { kind: 'stopped', memory: state.memory, why }
  // Whoever asked for a drain waits for its end, and this is it.
  const ending: ShardEffect[] = state.kind === 'draining' ? [{ kind: 'drained' }] : []
  return enter(state, stopped, why, ...leave(state), { kind: 'clearTimers' }, ...ending)
}
