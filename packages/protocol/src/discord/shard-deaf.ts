/** A shard whose session is silent though Discord answers its heartbeats. */

import { leave, reconnect, type ShardStep } from './shard-moves.ts'
import type { StateOf } from './shard-state.ts'

/**
 * A resume costs nothing, and brings what Discord has kept. Where that has not helped, the session is given up: the next one is
 * identified, and what went by since it was last heard is a gap.
 */
export function onDeaf(state: StateOf<'connected'>, anew: boolean, random: number): ShardStep {
  const { memory } = state
  if (!anew) return reconnect(state, memory, 'deaf: only heartbeats are answered', random, leave(state))
  const why = 'deaf: only heartbeats are answered, and resuming it has not helped'
  const lost = { kind: 'sessionLost', session: memory.session, why, deaf: true } as const
  return reconnect(state, { ...memory, session: undefined }, why, random, [...leave(state), lost])
}
