/** A shard on its way to a hello: where to connect, the socket, the greeting. */

import { inConfiguration } from '../advice.ts'
import { merge } from '../step.ts'
import {
  afterClose,
  attempt,
  connect,
  enter,
  giveUp,
  leave,
  reconnect,
  type ShardStep,
  setTimer,
  stay,
} from './shard-moves.ts'
import type {
  ResumableSession,
  Session,
  Shard,
  ShardEffect,
  ShardInput,
  ShardState,
  StateOf,
} from './shard-state.ts'

const HELLO_TIMEOUT_MS = 15_000

/** The stored session is resumed where it is still what an identify would ask for; else it is lost. */
export function onIdle(state: StateOf<'idle'>, input: ShardInput): ShardStep {
  if (input.kind !== 'start') return stay(state)
  const memory = { ...state.memory, generation: state.memory.generation + 1 }
  const stored = input.session
  if (!stored) return attempt(state, memory, 'started')
  const why = misfit(stored, memory.shard, input.intents)
  if (why === undefined)
    return attempt(state, { ...memory, session: restored(stored) }, 'started, with a session to resume')
  const { sessionId, sequence } = stored
  const lost = stay(state, { kind: 'sessionLost', session: { sessionId, confirmed: sequence }, why })
  return merge(lost, () => attempt(state, memory, why))
}

/** Why a session can't be gone on with: a resume keeps what it was identified with. */
function misfit(stored: ResumableSession, shard: Shard, intents: number | undefined): string | undefined {
  if (stored.shard[0] !== shard[0] || stored.shard[1] !== shard[1])
    return `its session was made for shard ${stored.shard.join('/')}, now it is ${shard.join('/')}`
  if (stored.intents !== undefined && intents !== undefined && stored.intents !== intents)
    return `its session was made with intents ${stored.intents}, now \`intents\` come to ${intents}`
  return undefined
}

function restored({ sessionId, resumeUrl, applicationId, botUserId, sequence }: ResumableSession): Session {
  const told = { received: sequence, confirmed: sequence, flood: [] }
  return { sessionId, resumeUrl, applicationId, botUserId, ...told }
}

/** Waits for the generic address. */
export function onLocating(state: StateOf<'locating'>, input: ShardInput, random: number): ShardStep {
  switch (input.kind) {
    case 'located':
      return connect(
        state,
        { ...state.memory, gatewayUrl: input.url },
        input.url,
        'Discord named its address',
      )
    case 'locateFailed':
      return afterLocateFailed(state, input, random)
    case 'timer':
      return reconnect(state, state.memory, 'Discord did not name its address in time', random)
    default:
      return stay(state)
  }
}

function afterLocateFailed(
  state: StateOf<'locating'>,
  input: Extract<ShardInput, { kind: 'locateFailed' }>,
  random: number,
): ShardStep {
  if (input.status === 401)
    return giveUp(
      state,
      inConfiguration('Discord refuses the token (401): put a valid bot token in the connection’s `token`'),
    )
  const why = `Discord did not name its address: ${input.reason}`
  return reconnect(state, state.memory, why, random, [], input.retryAfterMs)
}

/** Waits for the socket to open. */
export function onConnecting(state: StateOf<'connecting'>, input: ShardInput, random: number): ShardStep {
  switch (input.kind) {
    case 'socketOpened':
      return enter(
        state,
        { ...state, kind: 'awaitingHello' },
        'the socket is open',
        { kind: 'clearTimers' },
        setTimer(state.memory, 'hello', HELLO_TIMEOUT_MS),
      )
    case 'socketClosed':
      return afterClose(forgetAddress(state), input.code, input.reason, random)
    case 'timer':
      return abandon(forgetAddress(state), 'the socket did not open in time', random)
    default:
      return stay(state)
  }
}

/** A generic address that can't be reached is asked for again; a session's own one is left for a turn. */
function forgetAddress<State extends StateOf<'connecting' | 'awaitingHello'>>(state: State): State {
  if (state.url !== state.memory.gatewayUrl) return state
  return { ...state, memory: { ...state.memory, gatewayUrl: undefined } }
}

function abandon(state: ShardState, why: string, random: number): ShardStep {
  const { generation } = state.memory
  return reconnect(state, state.memory, why, random, [{ kind: 'terminateSocket', generation }])
}

/** Waits for op 10. */
export function onAwaitingHello(
  state: StateOf<'awaitingHello'>,
  input: ShardInput,
  random: number,
): ShardStep {
  switch (input.kind) {
    case 'frame':
      if (input.frame.kind === 'hello') return greet(state, input.frame.heartbeatIntervalMs, random)
      if (input.frame.kind === 'malformed') return stay(state, input.frame)
      if (input.frame.kind === 'reconnect')
        return reconnect(state, state.memory, 'op 7 in place of hello', random, leave(state))
      return stay(state)
    case 'socketClosed':
      return afterClose(forgetAddress(state), input.code, input.reason, random)
    case 'timer':
      return abandon(forgetAddress(state), 'no hello in time', random)
    default:
      return stay(state)
  }
}

/** Hello: heartbeats begin, the first one somewhere within the interval; then resume, or ask for the right to identify. */
function greet(state: StateOf<'awaitingHello'>, intervalMs: number, random: number): ShardStep {
  const { memory } = state
  const heartbeat = { intervalMs, heard: true, acknowledgedCount: 0 }
  const timers: ShardEffect[] = [
    { kind: 'clearTimers' },
    setTimer(memory, 'heartbeat', Math.round(intervalMs * random)),
  ]
  if (!memory.session)
    return enter(
      state,
      { kind: 'awaitingPermit', memory, heartbeat },
      'hello, waiting for the right to identify',
      ...timers,
      {
        kind: 'requestPermit',
        generation: memory.generation,
      },
    )
  // Back to what is confirmed: everything after it comes again.
  const session = { ...memory.session, received: memory.session.confirmed }
  return enter(
    state,
    { kind: 'resuming', memory: { ...memory, session }, heartbeat },
    `hello, resuming after sequence ${session.confirmed}`,
    ...timers,
    { kind: 'resume', sessionId: session.sessionId, sequence: session.confirmed },
  )
}
