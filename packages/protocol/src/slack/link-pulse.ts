/** The liveness of one socket of a Slack link, from its hello on: pings, silence, age. */

import { type Given, type LinkStep, setTimer, stay } from './link-moves.ts'
import type { LinkEffect, LinkState, LinkTransport, LiveSocket } from './link-state.ts'

const PING_INTERVAL_MS = 5_000
/** This many pings without a sign of life in between, and the socket is dead. */
const SILENT_PING_COUNT = 3
/** A minute of pings: the next failure is the first again. */
const HEALTHY_PING_COUNT = 12
const MINUTE_MS = 60_000
/** Slack ends an RTM socket after 8 hours; in Socket Mode it announces each end. Source: docs.slack.dev/reference/events/goodbye */
const AGE_MS: Readonly<Record<LinkTransport, readonly [from: number, to: number] | undefined>> = {
  rtm: [450 * MINUTE_MS, 470 * MINUTE_MS],
  'socket-mode': undefined,
}

/** A socket on which Slack has just said hello, and what keeps it from then on. */
export interface Pulse {
  readonly live: LiveSocket
  readonly effects: readonly LinkEffect[]
}

/** The first ping goes out at once: its answer is the first proof of how far we have caught up. */
export function firstPulse(generation: number, { transport, random }: Given): Pulse {
  const { live, effects } = ping({ generation, pingId: 0, pongId: 0, silentCount: 0 })
  const age = AGE_MS[transport]
  if (!age) return { live, effects }
  // Sockets that were opened together must not all be left together.
  const ageMs = Math.round(age[0] + (age[1] - age[0]) * random)
  return { live, effects: [...effects, setTimer(generation, 'age', ageMs)] }
}

/** The next ping. */
export function ping(before: LiveSocket): Pulse {
  const { live, effects } = probe({ ...before, silentCount: before.silentCount + 1 })
  return { live, effects: [...effects, setTimer(live.generation, 'ping', PING_INTERVAL_MS)] }
}

/** A ping out of turn, to learn how far we have caught up. */
export function probe(before: LiveSocket): Pulse {
  const live = { ...before, pingId: before.pingId + 1 }
  return { live, effects: [{ kind: 'ping', generation: live.generation, id: live.pingId }] }
}

/** As `probe`, of whatever socket serves. */
export function prove(state: LinkState): LinkStep {
  if (!('live' in state)) return stay(state)
  const { live, effects } = probe(state.live)
  return stay({ ...state, live }, ...effects)
}

/** Slack answered a ping; answers come in order. */
export function answered(live: LiveSocket, id: number): LiveSocket {
  return { ...live, pongId: Math.max(live.pongId, id) }
}

/** Anything that comes is a sign of life. */
export function heard(live: LiveSocket): LiveSocket {
  return { ...live, silentCount: 0 }
}

/** Whether it is dead as far as anybody can tell. */
export function isSilent({ silentCount }: LiveSocket): boolean {
  return silentCount >= SILENT_PING_COUNT
}

/** Whether it has lived for a while. */
export function isHealthy({ pingId }: LiveSocket): boolean {
  return pingId >= HEALTHY_PING_COUNT
}
