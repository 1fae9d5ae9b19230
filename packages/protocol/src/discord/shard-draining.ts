import { sendHeartbeat } from './shard-frames.ts'
import { enter, leave, type ShardStep, setTimer, stay } from './shard-moves.ts'
import type { Memory, ShardInput, ShardState } from './shard-state.ts'

type DrainingState = Extract<ShardState, { kind: 'draining' | 'drained' }>

/** How long a drained shard waits for its `stop`, while the checkpoint is being written. */
const DRAINED_TIMEOUT_MS = 5_000

/** A draining shard takes no more dispatches: Discord repeats them to whoever resumes the session. */
export function onDraining(state: DrainingState, input: ShardInput): ShardStep {
  if (input.kind === 'timer') return onTimer(state, input.timer === 'heartbeat')
  const next = input.kind === 'frame' || input.kind === 'socketClosed' ? onSocket(state, input) : stay(state)
  return next.state.kind === 'draining' && isConfirmed(next.state.memory)
    ? merge(next, drained(next.state, 'everything received is confirmed'))
    : next
}

function onTimer(state: DrainingState, isHeartbeat: boolean): ShardStep {
  if (isHeartbeat && state.heartbeat)
    return stay(
      state,
      sendHeartbeat(state.memory),
      setTimer(state.memory, 'heartbeat', state.heartbeat.intervalMs),
    )
  if (isHeartbeat) return stay(state)
  if (state.kind === 'draining') return drained(state, 'the grace is over')
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

function drained(state: DrainingState, why: string): ShardStep {
  return enter(
    state,
    { ...state, kind: 'drained' },
    why,
    setTimer(state.memory, 'drain', DRAINED_TIMEOUT_MS),
    { kind: 'drained' },
  )
}

function isConfirmed({ session }: Memory): boolean {
  return session === undefined || session.confirmed >= session.received
}

function merge(first: ShardStep, second: ShardStep): ShardStep {
  return { state: second.state, effects: [...first.effects, ...second.effects] }
}
