import { type Evidence, isCutOff, onceOn, type SentEvent, turnOf } from '@holdfast/ledger'
import type { Entry, Platform } from '@holdfast/simulator'
import { CONNECTIONS } from '../demo/gateway-config.ts'
import { answeredBy, isNumbered } from './numbered.ts'

type EventEntry = Extract<Entry, { kind: 'event' }>
type SocketEntry = Extract<Entry, { kind: 'socket' }>
type ResumeEntry = Extract<Entry, { kind: 'resume' }>
type SessionEndEntry = Extract<Entry, { kind: 'session-end' }>
type PostEntry = Extract<Entry, { kind: 'post' }>

/** What the sender called a payload when it sent it: the record knows payloads only by place and type. */
export interface PayloadNote {
  readonly key: string
  readonly platform: Platform
  readonly type: string
  readonly conversation?: string | undefined
}

/** The bot's user id on each platform. */
export type Bots = Readonly<Record<Platform, string>>

/**
 * What the platforms sent to the bot, from their own record. Payloads get their names from the sender's notes, in order;
 * throws where the two disagree, since then nothing can be judged. What the bot itself said is left out.
 */
export function sentEvents(
  entries: readonly EventEntry[],
  notes: readonly PayloadNote[],
  bots: Bots,
): readonly SentEvent[] {
  const left = { slack: notesOf(notes, 'slack'), discord: notesOf(notes, 'discord') }
  const sent = entries.flatMap((entry) => {
    const event =
      entry.user === undefined ? payloadEvent(entry, left[entry.platform].shift()) : messageEvent(entry)
    // A bot that did not ask for a type (Discord's intents) is not named: it was sent nothing.
    const own = entry.deliveredTo.find(({ bot }) => bot === bots[entry.platform])
    return event && own ? [{ ...event, ...onceOn(entry.platform, own) }] : []
  })
  const missing = left.slack.length + left.discord.length
  if (missing > 0) throw new Error(`the platforms' record lacks ${missing} payloads that were sent`)
  return sent
}

/** When sockets of the bot were cut off, by its connection. */
export function cutOffs(entries: readonly SocketEntry[]): Evidence['cutOffs'] {
  return entries.filter(isCutOff).map(({ platform, at }) => ({ connection: CONNECTIONS[platform], at }))
}

/** What became of the sessions of the bot on Discord, in order. */
export function turns(resumes: readonly ResumeEntry[], ends: readonly SessionEndEntry[]): Evidence['turns'] {
  const inOrder = [...resumes, ...ends].sort((a, b) => a.n - b.n)
  return inOrder.flatMap((entry) => {
    const turn = turnOf(entry)
    return turn ? [{ connection: CONNECTIONS[entry.platform], ...turn }] : []
  })
}

/** How many messages of the bot answer each numbered message. One answered again from its nonce is no second message. */
export function countAnswers(posts: readonly PostEntry[]): ReadonlyMap<string, number> {
  const answers = new Map<string, number>()
  for (const { outcome, text = '' } of posts) {
    const key = answeredBy(text)
    if (outcome === 'created' && key !== undefined) answers.set(key, (answers.get(key) ?? 0) + 1)
  }
  return answers
}

function notesOf(notes: readonly PayloadNote[], platform: Platform): PayloadNote[] {
  return notes.filter((note) => note.platform === platform)
}

function payloadEvent(entry: EventEntry, note: PayloadNote | undefined): Omit<SentEvent, 'once'> {
  if (note?.type !== entry.type) {
    const expected = note ? `${note.key} (${note.type})` : 'nothing'
    throw new Error(`the platforms' record has ${entry.type} at ${entry.n} where ${expected} was sent`)
  }
  // Frames of nobody: no history of the simulated platforms has them.
  return { ...sentEvent(entry, note.key, false, note.conversation), unrecorded: true }
}

function messageEvent(entry: EventEntry): Omit<SentEvent, 'once'> | undefined {
  const { text = '', platform, channel } = entry
  return isNumbered(text) ? sentEvent(entry, text, true, `${platform} ${channel}`) : undefined
}

function sentEvent(
  { n, at, platform }: EventEntry,
  key: string,
  expectsAnswer: boolean,
  conversation: string | undefined,
): Omit<SentEvent, 'once'> {
  const where = conversation === undefined ? {} : { conversation }
  const connection = CONNECTIONS[platform]
  return { key, n, at, connection, expectsAnswer, ...where }
}
