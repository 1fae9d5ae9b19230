/** The moves between sockets of a shard: begin an attempt, leave a socket and come back, lose a session, give up. */

import type { Step } from '../step.ts'
import { withWait } from '../wait.ts'
import { CLOSE_KEEPING_SESSION, closeRule } from './close-codes.ts'
import type { LivingState, Memory, ShardEffect, ShardState, ShardTimer } from './shard-state.ts'
import { waitAfter, waitAsAsked } from './shard-waits.ts'

/** What a shard answers to one input. */
export type ShardStep = Step<ShardState, ShardEffect>

const LOCATE_TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 15_000
/** Whoever has room says so; how often it is asked for all the same. */
export const ASK_ROOM_EVERY_MS = 15_000
/** The network's doing, not Discord's: there was no close frame. */
const CUT = 1006
const NO_ROOM =
  'there is no room for more events until Redis has taken those that are here: Discord keeps what happens until then'
/** The same version and encoding on every address: a resume must use those of the session. */
const QUERY = 'v=10&encoding=json'

/** The state is kept, or moves within its kind: nothing that a log line would tell. */
export function stay(state: ShardState, ...effects: ShardEffect[]): ShardStep {
  return { state, effects }
}

/** Goes over into another kind of state, and says why. */
export function enter(from: ShardState, to: ShardState, why: string, ...effects: ShardEffect[]): ShardStep {
  return { state: to, effects: [{ kind: 'transition', from: from.kind, to: to.kind, why }, ...effects] }
}

/** Sets one of the state's timers, for the socket of now. */
export function setTimer(memory: Memory, timer: ShardTimer, ms: number): ShardEffect {
  return { kind: 'setTimer', timer, ms, generation: memory.generation }
}

/** Begins an attempt: connects where an address is known, else asks for one. Where there is no room, it waits for that first. */
export function attempt(from: ShardState, before: Memory, why: string): ShardStep {
  if (before.full) return hold(from, before)
  const memory = { ...before, attemptCount: before.attemptCount + 1, triedCount: before.triedCount + 1 }
  const url = addressOf(memory)
  if (url !== undefined) return connect(from, memory, url, why)
  return enter(
    from,
    { kind: 'locating', memory },
    why,
    { kind: 'locate', generation: memory.generation },
    setTimer(memory, 'locate', LOCATE_TIMEOUT_MS),
  )
}

/**
 * A session's own address comes first; it and the generic one take turns while attempts fail, so that neither a dead resume host nor a
 * failing REST API can hold the shard; the session itself is kept.
 */
function addressOf(memory: Memory): string | undefined {
  const ownTurn = memory.triedCount % 2 === 1
  return memory.session && ownTurn ? memory.session.resumeUrl : memory.gatewayUrl
}

/** Opens the socket of this attempt. */
export function connect(from: ShardState, memory: Memory, url: string, why: string): ShardStep {
  return enter(
    from,
    { kind: 'connecting', memory, url },
    why,
    { kind: 'clearTimers' },
    { kind: 'openSocket', generation: memory.generation, url: withQuery(url) },
    setTimer(memory, 'connect', CONNECT_TIMEOUT_MS),
  )
}

function withQuery(url: string): string {
  const base = url.split('?')[0] ?? url
  // A path is needed before the query: without it, not every server accepts the request line.
  return `${/^\w+:\/\/[^/]+$/.test(base) ? `${base}/` : base}?${QUERY}`
}

/** Leaves the socket behind (`leaving` says how) and sets the time of the next attempt, under a new generation. */
export function reconnect(
  from: ShardState,
  left: Memory,
  why: string,
  random: number,
  leaving: readonly ShardEffect[] = [],
  atLeastMs = 0,
): ShardStep {
  const waitMs = Math.max(atLeastMs, waitAfter(from, left, random))
  return comeBackIn(waitMs, from, left, why, leaving)
}

/** Leaves the socket, where there is one, until there is room: meanwhile Discord keeps what happens in the session. */
export function hold(from: ShardState, left: Memory): ShardStep {
  const memory = { ...left, generation: left.generation + 1 }
  return enter(
    from,
    { kind: 'holding', memory },
    NO_ROOM,
    ...leave(from),
    { kind: 'clearTimers' },
    setTimer(memory, 'hold', ASK_ROOM_EVERY_MS),
  )
}

/** As `reconnect`, where Discord asked for it (op 7). */
export function reconnectAsAsked(from: LivingState, why: string, random: number): ShardStep {
  return comeBackIn(waitAsAsked(from, random), from, from.memory, why, leave(from))
}

/** As `reconnect`, after exactly `waitMs`. */
export function comeBackIn(
  waitMs: number,
  from: ShardState,
  left: Memory,
  why: string,
  leaving: readonly ShardEffect[] = [],
): ShardStep {
  const memory = { ...left, generation: left.generation + 1 }
  const told = withWait(why, waitMs)
  return enter(
    from,
    { kind: 'backingOff', memory, why: told },
    told,
    ...leaving,
    { kind: 'clearTimers' },
    setTimer(memory, 'reconnect', waitMs),
  )
}

/**
 * As `reconnect`, but the session can't be resumed: what it leaves open is announced, and the next one is new. What failed while
 * there was one to resume says nothing of how soon an identify may be: those attempts no longer count.
 */
export function reconnectAnew(
  from: ShardState,
  memory: Memory,
  why: string,
  random: number,
  leaving: readonly ShardEffect[] = [],
): ShardStep {
  const attemptCount = memory.session ? 0 : memory.attemptCount
  const left = { ...memory, attemptCount, session: undefined }
  return reconnect(from, left, why, random, [...leaving, ...lost(memory, why)])
}

function lost({ session }: Memory, why: string): readonly ShardEffect[] {
  return session ? [{ kind: 'sessionLost', session, why }] : []
}

/** The socket closed under us: the close code decides. */
export function afterClose(
  from: ShardState,
  code: number | undefined,
  reason: string,
  random: number,
): ShardStep {
  const rule = closeRule(code)
  const what = from.kind === 'connecting' ? 'the socket did not open' : 'the socket closed'
  const closed = `${what}: ${code ?? 'no code'} ${rule.meaning}${reason && ` (${reason})`}`
  const leaving = [...withdraw(from), ...(code === CUT ? [] : oustedFrom(from))]
  switch (rule.action) {
    case 'resume':
      return reconnect(from, from.memory, closed, random, leaving)
    case 'identify':
      return reconnectAnew(from, from.memory, closed, random, leaving)
    case 'fatal':
      return giveUp(from, `${closed}: ${rule.advice}`, leaving)
    default:
      return rule satisfies never
  }
}

/** That a session was served, and is not any more. */
export function oustedFrom({ kind }: ShardState): readonly ShardEffect[] {
  return kind === 'connected' ? [{ kind: 'ousted' }] : []
}

/** Ends for good: `why` says what a person must do. */
export function giveUp(from: ShardState, why: string, leaving: readonly ShardEffect[] = []): ShardStep {
  return enter(
    from,
    { kind: 'fatal', memory: from.memory, why },
    why,
    ...leaving,
    { kind: 'clearTimers' },
    { kind: 'fatal', why },
  )
}

/** What it takes to leave a socket that is gone already: the wish for a permit, where there is one. */
export function withdraw(state: ShardState): readonly ShardEffect[] {
  return state.kind === 'awaitingPermit' ? [{ kind: 'cancelPermit' }] : []
}

/** What it takes to leave whatever the state holds: its socket, closed so that the session stays, and its wish for a permit. */
export function leave(state: ShardState): readonly ShardEffect[] {
  const close: ShardEffect = {
    kind: 'closeSocket',
    generation: state.memory.generation,
    code: CLOSE_KEEPING_SESSION,
  }
  switch (state.kind) {
    case 'connecting':
    case 'awaitingHello':
    case 'awaitingPermit':
    case 'identifying':
    case 'resuming':
    case 'connected':
      return [...withdraw(state), close]
    case 'draining':
    case 'drained':
      return state.heartbeat ? [close] : []
    case 'idle':
    case 'locating':
    case 'backingOff':
    case 'holding':
    case 'stopped':
    case 'fatal':
      return []
    default:
      return state satisfies never
  }
}
