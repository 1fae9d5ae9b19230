import type { Platform } from '../src/facts.ts'
import type { ChatMessage, PagePlatform } from '../src/page/feed.ts'
import type { Reaction } from './state/emoji.ts'
import { outgoingText } from './state/rich-text.ts'

/** What became of a request; `why` is one sentence for the reader. */
export type Outcome =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly why: string }

/** Where something is said: a channel, or a thread in it. */
export interface Place {
  readonly channel: string
  readonly thread?: string | undefined
}

/** A fault with what its form says. */
export interface FaultAsk {
  readonly fault: string
  readonly platform: Platform
  readonly [parameter: string]: string | number | boolean
}

/** Says something as the page's person. A Discord thread must exist. */
export function say(
  { platform, me }: PagePlatform,
  { channel, thread }: Place,
  text: string,
): Promise<Outcome> {
  const outgoing = outgoingText(platform, text)
  if (platform === 'slack') {
    const reply = thread === undefined ? {} : { thread_ts: thread }
    return post('slack/message', { channel, user: me, text: outgoing, ...reply })
  }
  return post('discord/message', { channel: thread ?? channel, user: me, text: outgoing })
}

/** Begins a Discord thread at a message. */
export function beginThread(
  about: PagePlatform,
  { channel, id }: ChatMessage,
  name: string,
): Promise<Outcome> {
  return post('discord/thread', { channel, user: about.me, message: id, name })
}

export function react(
  { platform, me }: PagePlatform,
  message: ChatMessage,
  reaction: Reaction,
): Promise<Outcome> {
  const { channel, id } = message
  if (platform === 'slack') return post('slack/reaction', { channel, user: me, ts: id, name: reaction.name })
  return post('discord/reaction', { channel: placeOf(message), user: me, message: id, emoji: reaction.emoji })
}

/** Uses a slash command of the bot. */
export function useCommand(
  about: PagePlatform,
  { channel, thread }: Place,
  command: string,
): Promise<Outcome> {
  return post('discord/interaction', {
    bot: about.bot.id,
    channel: thread ?? channel,
    user: about.me,
    command,
  })
}

/** Presses a button under a message of the bot. */
export function press(about: PagePlatform, message: ChatMessage, customId: string): Promise<Outcome> {
  const deed = { customId, messageId: message.id }
  return post('discord/interaction', {
    bot: about.bot.id,
    channel: placeOf(message),
    user: about.me,
    ...deed,
  })
}

/** Starts the stream, changes its rate, or stops it with 0. */
export function setStream(perSecond: number): Promise<Outcome> {
  return post('stream', { perSecond })
}

/** Makes a fault happen, or arms it. */
export function makeFault(ask: FaultAsk): Promise<Outcome> {
  return post('fault', ask)
}

export function perform(action: string): Promise<Outcome> {
  return post(`stage/${encodeURIComponent(action)}`, {})
}

/** On Discord a thread is a channel of its own. */
function placeOf({ channel, thread }: ChatMessage): string {
  return thread ?? channel
}

async function post(path: string, body: object): Promise<Outcome> {
  try {
    const response = await fetch(`/control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer: unknown = await response.json().catch(() => undefined)
    return response.ok
      ? { ok: true, answer }
      : { ok: false, why: reasonIn(answer) ?? `It answered ${response.status}.` }
  } catch {
    return { ok: false, why: 'The simulator does not answer. See whether it still runs, then try again.' }
  }
}

function reasonIn(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { error, message } = answer as { readonly error?: unknown; readonly message?: unknown }
  if (typeof message === 'string') return message
  return typeof error === 'string' ? error : undefined
}
