import type { HoldfastEvent } from '@holdfast/events'
import { NonRetryableError } from './errors.ts'
import { fieldsOf } from './payload.ts'
import type { SlackMessage } from './reply-message.ts'

/** Where a message goes on Slack. */
export interface SlackTarget {
  /** A channel; or the person who acted, where it happened in none (a form, a global shortcut). */
  readonly channel: string
  readonly isPerson: boolean
  readonly threadTs: string | undefined
}

/** Throws `reply-unsupported` for an event that names neither a channel nor, being interactive, a person. */
export function readTarget(event: HoldfastEvent, thread: SlackMessage['thread']): SlackTarget {
  const data = fieldsOf(event.data)
  const channel = readChannel(data)
  if (channel !== undefined) {
    return { channel, isPerson: false, threadTs: threadTs(readMessage(data), thread) }
  }
  const person = event.type.startsWith('slack.interactive.') ? idOf(data.user) : undefined
  if (person !== undefined) return { channel: person, isPerson: true, threadTs: undefined }
  throw new NonRetryableError(
    `${event.type} names no channel to reply in: use ctx.slack inside a ctx.step`,
    undefined,
    'reply-unsupported',
  )
}

function readChannel(data: Readonly<Record<string, unknown>>): string | undefined {
  return (
    idOf(data.channel) ??
    idOf(data.channel_id) ??
    idOf(fieldsOf(data.item).channel) ??
    idOf(fieldsOf(data.container).channel_id) ??
    idOf(fieldsOf(firstOf(data.response_urls)).channel_id)
  )
}

/** An edit, a deletion, a reaction and a press are about a message that lies inside; a message is about itself. */
function readMessage(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const about = data.message ?? data.previous_message ?? data.item
  if (about !== undefined) return fieldsOf(about)
  // Of an ephemeral message Slack sends the whereabouts alone.
  const { message_ts, thread_ts } = fieldsOf(data.container)
  return message_ts === undefined ? data : { ts: message_ts, thread_ts }
}

/** The first message of a thread names it too, and is not in it. */
function threadTs(
  about: Readonly<Record<string, unknown>>,
  wanted: SlackMessage['thread'],
): string | undefined {
  if (typeof wanted === 'string') return wanted
  if (wanted === false) return undefined
  const isInside = about.thread_ts !== undefined && about.thread_ts !== about.ts
  const own = isInside ? about.thread_ts : wanted && about.ts
  return typeof own === 'string' ? own : undefined
}

/** Slack names a channel or a person by its id, or by an object that has it. */
function idOf(named: unknown): string | undefined {
  const id = typeof named === 'string' ? named : fieldsOf(named).id
  return typeof id === 'string' ? id : undefined
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}
