/** A socket that has a successor or is told to end: what it still says, and what its end lets go. */

import { close, setTimer, terminate } from './link-moves.ts'
import type { HeldFrame, InputOf, LinkEffect, LiveSocket, OldSocket } from './link-state.ts'

/** An old socket of one kind. */
export type OldOf<Kind extends OldSocket['kind']> = Extract<OldSocket, { kind: Kind }>

/** Whoever opened the socket drops it sooner than that. */
export const CLOSE_TIMEOUT_MS = 5_000
/** RTM: how long the old socket may take to answer a ping before it is closed all the same: it may be late, not dead. */
const PROOF_TIMEOUT_MS = 5_000
/** RTM: how long it may take to answer our close. */
const LAST_WORDS_TIMEOUT_MS = 2_000
/** Socket Mode: how long acknowledgements may take. */
const ACKNOWLEDGEMENTS_TIMEOUT_MS = 10_000
/** How many frames may wait behind an old socket. */
const HELD_COUNT = 5_000
/** What a websocket tells when its connection ended without a close frame. */
const CLOSED_WITHOUT_ANSWER = 1006

/** An old socket, and what made it one. */
export interface Aged<Kind extends OldSocket['kind']> {
  readonly old: OldOf<Kind>
  readonly effects: readonly LinkEffect[]
}

/**
 * RTM: hears it out, its successor being there. It is closed once it has answered the ping that is waited for: on a close
 * Slack need not send what it had still to say. `probeId`: see the state `leaving`.
 */
export function empty({ generation, pongId }: LiveSocket, probeId: number | undefined): Aged<'emptying'> {
  const awaitedId = probeId === undefined || pongId >= probeId ? undefined : probeId
  const old = { kind: 'emptying', generation, held: [], awaitedId } as const
  return {
    old,
    effects: awaitedId === undefined ? closeEmptied(old) : [handoverTimer(generation, PROOF_TIMEOUT_MS)],
  }
}

/** It has answered: closes it, and waits for the answer to that. */
export function closeEmptied({ generation }: OldOf<'emptying'>): readonly LinkEffect[] {
  return [close(generation), handoverTimer(generation, LAST_WORDS_TIMEOUT_MS)]
}

/** Closes it where that waited for an answer which is waited for no longer. */
export function closeUnanswered(old: OldSocket): readonly LinkEffect[] {
  return isAwaiting(old) ? [close(generationOf(old))] : []
}

/** RTM: whether it must answer a ping before anything proves that nothing fell between it and its successor. */
export function isAwaiting(old: OldSocket): boolean {
  return old.kind === 'emptying' && old.awaitedId !== undefined
}

/** RTM: closes the last one. */
export function endLast(generation: number): Aged<'ending'> {
  return { old: { kind: 'ending', generation }, effects: [close(generation)] }
}

/** Socket Mode: keeps it until its envelopes are acknowledged. */
export function drain(socket: LiveSocket): Aged<'draining'> {
  return {
    old: { kind: 'draining', socket },
    effects: [
      { kind: 'drain', generation: socket.generation },
      handoverTimer(socket.generation, ACKNOWLEDGEMENTS_TIMEOUT_MS),
    ],
  }
}

/** Its envelopes are acknowledged, or took too long: closes it. */
export function closeDrained({ socket: { generation } }: OldOf<'draining'>): Aged<'closing'> {
  return {
    old: { kind: 'closing', generation },
    effects: [close(generation), closeTimer(generation)],
  }
}

/** The time in which a close should be answered, kept under the number of `generation`. */
export function closeTimer(generation: number): LinkEffect {
  return setTimer(generation, 'close', CLOSE_TIMEOUT_MS)
}

function handoverTimer(generation: number, ms: number): LinkEffect {
  return setTimer(generation, 'handover', ms)
}

/** Its number. */
export function generationOf(old: OldSocket): number {
  return old.kind === 'draining' ? old.socket.generation : old.generation
}

/** What one of its frames comes to. Without a stamp it is taken from one socket only: the one that is heard first. */
export function lastWords(
  old: OldSocket,
  { frame, text, generation }: InputOf<'frame'>,
): readonly LinkEffect[] {
  const isFirstVoice = old.kind !== 'closing'
  switch (frame.kind) {
    case 'envelope':
      return [{ kind: 'frame', generation, frame, text }]
    case 'event':
      return isFirstVoice || frame.stamped ? [{ kind: 'frame', generation, frame, text }] : []
    case 'pong':
      return isFirstVoice ? [{ kind: 'pong', generation, id: frame.id }] : []
    case 'reply':
      return [{ kind: 'reply', generation, frame }]
    case 'malformed':
      return [frame]
    case 'hello':
    case 'farewell':
    case 'refusal':
    case 'aside':
      return []
    default:
      return frame satisfies never
  }
}

/** Keeps a frame of a younger socket until this one is heard out, or is full. Without a stamp it comes on this one too. */
export function hold(old: OldOf<'emptying'>, effect: HeldFrame): OldOf<'emptying'> {
  if (effect.frame.kind === 'event' && !effect.frame.stamped) return old
  return { ...old, held: [...old.held, effect] }
}

/** Whether no more may be held. */
export function isFull({ held }: OldOf<'emptying'>): boolean {
  return held.length >= HELD_COUNT
}

/** Notes the answer to the ping that is waited for. */
export function withAnswer(old: OldSocket, { frame }: InputOf<'frame'>): OldSocket {
  if (old.kind !== 'emptying' || frame.kind !== 'pong') return old
  return frame.id >= (old.awaitedId ?? 0) ? { ...old, awaitedId: undefined } : old
}

/**
 * It closed (`answered`: by a close frame), or we wait for it no longer. What proves that nothing fell between it and its
 * heir is a close frame after an answer to the ping that is waited for: without that, what may be missing is announced
 * before the heir, where it still lives, is heard.
 */
export function letGo(
  { held, awaitedId }: OldOf<'emptying'>,
  answered: boolean,
  heir: number | undefined,
): readonly LinkEffect[] {
  if (heir === undefined || (answered && awaitedId === undefined)) return held
  const unanswered = awaitedId === undefined ? 'close' : 'last ping'
  const why = `the old socket did not answer our ${unanswered}`
  return [{ kind: 'disconnected', why }, { kind: 'connected', generation: heir }, ...held]
}

/** Whether a close came as a frame, with a code or without: a socket keeps its order, so everything before it has come. */
export function isAnswer({ code }: InputOf<'socketClosed'>): boolean {
  return code !== CLOSED_WITHOUT_ANSWER
}

/** Drops it in the middle, its successor being gone: a time without a socket is announced anyway. */
export function abandon(old: OldSocket): readonly LinkEffect[] {
  return [terminate(generationOf(old)), ...(old.kind === 'emptying' ? old.held : [])]
}
