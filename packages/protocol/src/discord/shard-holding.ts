/** A shard for whose dispatches there is no room: it has no socket, and Discord keeps what happens in its session. */

import { ASK_ROOM_EVERY_MS, comeBackIn, hold, type ShardStep, setTimer, stay } from './shard-moves.ts'
import type { Memory, ShardInput, ShardState, StateOf } from './shard-state.ts'
import { waitAfterHold } from './shard-waits.ts'

/**
 * The states that hold at once where the room is gone. `identifying` is none of them: the identify is spent, and what comes of it is
 * a session in which Discord keeps what happens. `backingOff` finds out at its end.
 */
const HOLD_AT_ONCE: ReadonlySet<ShardState['kind']> = new Set([
  'locating',
  'connecting',
  'awaitingHello',
  'awaitingPermit',
  'resuming',
  'connected',
])

/** There is no room any more, or there is again. */
export function onRoom(before: ShardState, full: boolean, random: number): ShardStep {
  if (before.memory.full === full) return stay(before)
  // Every variant takes this memory; the compiler does not follow that through the spread of a union.
  const state = { ...before, memory: { ...before.memory, full } } as ShardState
  if (full && HOLD_AT_ONCE.has(state.kind)) return hold(state, servedBy(state))
  if (!full && state.kind === 'holding')
    return comeBackIn(waitAfterHold(state, random), state, state.memory, 'there is room again')
  return stay(state)
}

/** The attempt that led to a socket on which the session goes on was none in vain, nor its address. */
function servedBy({ kind, memory }: ShardState): Memory {
  if (kind !== 'connected' && kind !== 'resuming') return memory
  return { ...memory, attemptCount: Math.max(0, memory.attemptCount - 1), triedCount: 0 }
}

/** Waits for room. */
export function onHolding(state: StateOf<'holding'>, input: ShardInput): ShardStep {
  if (input.kind !== 'timer') return stay(state)
  return stay(state, { kind: 'askRoom' }, setTimer(state.memory, 'hold', ASK_ROOM_EVERY_MS))
}
