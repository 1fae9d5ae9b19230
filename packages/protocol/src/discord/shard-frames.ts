/** What a shard does with the frames of a socket on which Discord has said hello. */

import { merge } from '../step.ts'
import type { DiscordFrame } from './frame.ts'
import { readGuildId, readReady } from './ready.ts'
import {
  enter,
  hold,
  leave,
  oustedFrom,
  reconnect,
  reconnectAnew,
  reconnectAsAsked,
  type ShardStep,
  stay,
} from './shard-moves.ts'
import type {
  DispatchDelivery,
  FloodGuild,
  LivingState,
  Memory,
  Session,
  ShardEffect,
} from './shard-state.ts'

type DispatchFrame = Extract<DiscordFrame, { kind: 'dispatch' }>

/** Two acknowledged heartbeats are more than one interval of life. */
const HEALTHY_ACKNOWLEDGED_COUNT = 2

/** Any frame that can be read is a sign of life. What comes of a compression out of step is none, however much of it comes. */
export function onFrame(before: LivingState, frame: DiscordFrame, random: number): ShardStep {
  const heard = before.heartbeat.heard || frame.kind !== 'malformed'
  const state: LivingState = { ...before, heartbeat: { ...before.heartbeat, heard } }
  switch (frame.kind) {
    case 'dispatch':
      return onDispatch(state, frame, random)
    case 'heartbeatRequest':
      return stay(state, sendHeartbeat(state.memory))
    case 'heartbeatAcknowledged':
      return stay(acknowledged(state), {
        kind: 'heartbeatAcknowledged',
        caughtUp: state.kind === 'connected',
      })
    case 'reconnect':
      return reconnectAsAsked(state, 'Discord asked to reconnect (op 7)', random)
    case 'invalidSession':
      return onInvalidSession(state, frame.resumable, random)
    case 'malformed':
      return stay(state, frame)
    case 'hello':
    case 'unknown':
      return stay(state)
    default:
      return frame satisfies never
  }
}

/** A heartbeat carries the last sequence received, confirmed or not: it says how far Discord is heard. */
export function sendHeartbeat({ session }: Memory): ShardEffect {
  return { kind: 'heartbeat', sequence: session?.received ?? null }
}

/** A connection that has lived for a while is healthy: the next failure is the first again. */
function acknowledged(state: LivingState): LivingState {
  const acknowledgedCount = state.heartbeat.acknowledgedCount + 1
  const heartbeat = { ...state.heartbeat, acknowledgedCount }
  if (state.kind !== 'connected' || acknowledgedCount < HEALTHY_ACKNOWLEDGED_COUNT)
    return { ...state, heartbeat }
  return { ...state, heartbeat, memory: { ...state.memory, attemptCount: 0, identifyCount: 0 } }
}

/** Op 9: could not start a session, could not resume one, or ended the one that ran. */
function onInvalidSession(state: LivingState, resumable: boolean, random: number): ShardStep {
  const why = `Discord says the session is invalid (op 9, ${resumable ? 'resumable' : 'not resumable'})`
  const leaving = [...leave(state), ...oustedFrom(state)]
  return resumable
    ? reconnect(state, state.memory, why, random, leaving)
    : reconnectAnew(state, state.memory, why, random, leaving)
}

function onDispatch(state: LivingState, frame: DispatchFrame, random: number): ShardStep {
  switch (state.kind) {
    case 'awaitingPermit':
      return stay(state, { kind: 'malformed', problem: 'a dispatch before the identify' })
    case 'identifying':
      return onReady(state, frame, random)
    case 'resuming':
      return onReplay(state, frame)
    case 'connected':
      return onLive(state, frame)
    default:
      return state satisfies never
  }
}

function onReady(
  state: Extract<LivingState, { kind: 'identifying' }>,
  frame: DispatchFrame,
  random: number,
): ShardStep {
  if (frame.type !== 'READY')
    return stay(state, { kind: 'malformed', problem: `a ${frame.type} before READY` })
  const ready = readReady(frame.dataText)
  const resumeUrl = ready?.resumeUrl ?? state.memory.gatewayUrl
  if (!ready || !resumeUrl)
    return reconnect(state, state.memory, 'READY names no session', random, [
      { kind: 'malformed', problem: 'a READY without session, application or user' },
      ...leave(state),
    ])
  const { sessionId, applicationId, botUserId, guildIds } = ready
  // Nothing of the new session is confirmed yet, READY itself included.
  const confirmed = frame.sequence - 1
  const session: Session = {
    sessionId,
    resumeUrl,
    applicationId,
    botUserId,
    received: frame.sequence,
    confirmed,
    flood: floodOf(guildIds),
  }
  const begun = enter(
    state,
    {
      kind: 'connected',
      heartbeat: state.heartbeat,
      memory: { ...state.memory, triedCount: 0, session },
    },
    'READY',
    { kind: 'sessionStarted', session },
    deliver(session, frame, 'live'),
  )
  return state.memory.full ? merge(begun, (next) => hold(next, next.memory)) : begun
}

/** Replayed dispatches come before RESUMED; they are events like any other. */
function onReplay(before: Extract<LivingState, { kind: 'resuming' }>, frame: DispatchFrame): ShardStep {
  const resumed = frame.type === 'RESUMED'
  const { session, delivery } = received(before.memory.session, frame, resumed ? 'live' : 'replay')
  const state = { ...before, memory: { ...before.memory, session } }
  if (!resumed) return stay(state, deliver(session, frame, delivery))
  return enter(
    state,
    { ...state, kind: 'connected', memory: { ...state.memory, triedCount: 0 } },
    'RESUMED',
    { kind: 'sessionResumed', session },
    deliver(session, frame, delivery),
  )
}

function onLive(state: Extract<LivingState, { kind: 'connected' }>, frame: DispatchFrame): ShardStep {
  const { session, delivery } = received(state.memory.session, frame, 'live')
  return stay({ ...state, memory: { ...state.memory, session } }, deliver(session, frame, delivery))
}

/** The session with the dispatch in it. Of the flood is the one GUILD_CREATE of each guild of READY, however often it comes. */
function received(
  before: Session,
  frame: DispatchFrame,
  usual: DispatchDelivery,
): { session: Session; delivery: DispatchDelivery } {
  const session = { ...before, received: Math.max(before.received, frame.sequence) }
  if (frame.type === 'READY')
    return { session: { ...session, flood: floodOf(readReady(frame.dataText)?.guildIds) }, delivery: usual }
  const guild = guildOfFlood(session, frame)
  if (!guild) return { session, delivery: usual }
  const come = { ...guild, sequence: frame.sequence }
  const flood = session.flood.map((other) => (other === guild ? come : other))
  return { session: { ...session, flood }, delivery: 'initial' }
}

function guildOfFlood({ flood }: Session, { type, sequence, dataText }: DispatchFrame) {
  if (type !== 'GUILD_CREATE' || flood.length === 0) return undefined
  const guildId = readGuildId(dataText)
  return flood.find((guild) => guild.id === guildId && (guild.sequence ?? sequence) === sequence)
}

function floodOf(guildIds: readonly string[] = []): readonly FloodGuild[] {
  return guildIds.map((id) => ({ id, sequence: undefined }))
}

function deliver(
  { sessionId, applicationId }: Session,
  { type, sequence, dataText }: DispatchFrame,
  delivery: DispatchDelivery,
): ShardEffect {
  return { kind: 'dispatch', sessionId, applicationId, type, sequence, delivery, dataText }
}
