/** A shard that takes no more dispatches: Discord repeats them to whoever resumes the session. */

import { merge } from '../step.ts'
import { sendHeartbeat } from './shard-frames.ts'
import { enter, leave, type ShardStep, setTimer, stay } from './shard-moves.ts'
import type { Memory, ShardInput, ShardState, StateOf } from './shard-state.ts'

type DrainingState = StateOf<'draining' | 'drained'>

/** How long a drained shard waits for its `stop`, while the checkpoint is being written. */
const DRAINED_TIMEOUT_MS = 5_000

/** Begins to drain. Where nothing is under way there is nothing to wait for. */
export function drain(state: ShardState, graceMs: number): ShardStep {
  switch (state.kind) {
    case 'idle':
    case 'stopped':
    case 'fatal':
      return stay(state, { kind: 'drained' })
    case 'draining':
    case 'drained':
      return stay(state)
    default:
      return begin(state, graceMs)
  }
}

/** A connected socket stays while confirms come in, so that the bot stays online; any other has nothing to keep. */
function begin(state: ShardState, graceMs: number): ShardStep {
  const { memory } = state
  const heartbeat = state.kind === 'connected' ? state.heartbeat : undefined
  const leaving = heartbeat ? [] : [...leave(state), { kind: 'clearTimers' } as const]
  const draining: ShardState = { kind: 'draining', memory, heartbeat }
  const begun = enter(state, draining, 'told to drain', ...leaving, setTimer(memory, 'drain', graceMs))
  return merge(begun, endIfConfirmed)
}

/** What a shard does until its `stop`: it keeps its socket alive, and waits for confirms. */
export function onDraining(state: DrainingState, input: ShardInput): ShardStep {
  switch (input.kind) {
    case 'frame':
    case 'socketClosed':
      return onSocket(state, input)
    case 'timer':
      return input.timer === 'heartbeat' ? onHeartbeatDue(state) : onTimeOver(state)
    default:
      return endIfConfirmed(state)
  }
}

function onHeartbeatDue(state: DrainingState): ShardStep {
  const { memory, heartbeat } = state
  if (!heartbeat) return stay(state)
  return stay(state, sendHeartbeat(memory), setTimer(memory, 'heartbeat', heartbeat.intervalMs))
}

function onTimeOver(state: DrainingState): ShardStep {
  if (state.kind === 'draining') return end(state, 'the grace is over')
  const why = 'drained, and nobody said stop'
  return enter(state, { kind: 'stopped', memory: state.memory, why }, why, ...leave(state), {
    kind: 'clearTimers',
  })
}

function onSocket(
  state: DrainingState,
  input: Extract<ShardInput, { kind: 'frame' | 'socketClosed' }>,
): ShardStep {
  if (input.kind === 'socketClosed') return stay({ ...state, heartbeat: undefined })
  switch (input.frame.kind) {
    case 'heartbeatRequest':
      return stay(state, sendHeartbeat(state.memory))
    case 'reconnect':
    case 'invalidSession':
      return stay({ ...state, heartbeat: undefined }, ...leave(state))
    default:
      return stay(state)
  }
}

function endIfConfirmed(state: ShardState): ShardStep {
  return state.kind === 'draining' && isConfirmed(state.memory)
    ? end(state, 'everything received is confirmed')
    : stay(state)
}

function end(state: DrainingState, why: string): ShardStep {
  const drained: ShardState = { ...state, kind: 'drained' }
  return enter(state, drained, why, setTimer(state.memory, 'drain', DRAINED_TIMEOUT_MS), { kind: 'drained' })
}

function isConfirmed({ session }: Memory): boolean {
  return session === undefined || session.confirmed >= session.received
}
