import { APPROACH_TIMERS } from './link-attempt.ts'
import type { LinkInput, LinkState, LinkTimer, OldSocket } from './link-state.ts'
import { generationOf } from './old-socket.ts'

/**
 * Whether an input is none of the state's business: it belongs to a socket that the state does not hold, or to a timer
 * that the state does not live by. The one place where the past is dropped.
 */
export function isPast(state: LinkState, input: LinkInput): boolean {
  switch (input.kind) {
    case 'start':
    case 'stop':
    case 'prove':
      return false
    case 'timer':
      return input.generation !== timerGeneration(state, input.timer)
    default:
      return !generationsOf(state).includes(input.generation)
  }
}

/** The numbers of the sockets that a state holds, and of the one that is to come. */
function generationsOf(state: LinkState): readonly number[] {
  switch (state.kind) {
    case 'opening':
      return [state.approach.generation]
    case 'connected':
      return [state.live.generation]
    case 'leaving':
      return [state.live.generation, state.approach.generation]
    case 'handingOver':
      return [state.live.generation, generationOf(state.old)]
    case 'closing':
      return state.sockets.map(generationOf)
    case 'idle':
    case 'stopped':
    case 'fatal':
      return []
    default:
      return state satisfies never
  }
}

/** The number under which a state lives by a timer; nothing where it does not. */
function timerGeneration(state: LinkState, timer: LinkTimer): number | undefined {
  switch (timer) {
    case 'call':
    case 'connect':
    case 'hello':
    case 'reconnect':
      return approachTimerGeneration(state, timer)
    case 'ping':
      return 'live' in state ? state.live.generation : undefined
    case 'age':
      return state.kind === 'connected' || state.kind === 'handingOver' ? state.live.generation : undefined
    case 'handover':
    case 'close':
      return endTimerGeneration(state, timer)
    default:
      return timer satisfies never
  }
}

function approachTimerGeneration(state: LinkState, timer: LinkTimer): number | undefined {
  if (state.kind !== 'opening' && state.kind !== 'leaving') return undefined
  const { kind, generation } = state.approach
  return APPROACH_TIMERS[kind] === timer ? generation : undefined
}

/** The end of a link is timed as a whole, under its highest number. */
function endTimerGeneration(state: LinkState, timer: 'handover' | 'close'): number | undefined {
  if (state.kind === 'closing') return state.memory.generation
  if (state.kind !== 'handingOver') return undefined
  return timerOf(state.old) === timer ? generationOf(state.old) : undefined
}

function timerOf(old: OldSocket): 'handover' | 'close' {
  return old.kind === 'closing' ? 'close' : 'handover'
}
