import type { Clock } from '../clock.ts'

/** A message as stored and as the Web API shows it; `ts` names it within its channel. */
export interface SlackMessage {
  readonly type: 'message'
  readonly ts: string
  readonly text: string
  readonly subtype?: string
  readonly user?: string
  readonly username?: string
  readonly bot_id?: string
  readonly app_id?: string
  readonly team?: string
  readonly client_msg_id?: string
  readonly thread_ts?: string
  readonly parent_user_id?: string
  readonly reply_count?: number
  readonly latest_reply?: string
  readonly blocks?: unknown
  readonly attachments?: unknown
  readonly metadata?: unknown
  /** Of a reply that stands in the channel too: the message with which its thread began. */
  readonly root?: SlackMessage
  readonly edited?: { readonly user: string; readonly ts: string }
  readonly reactions?: readonly {
    readonly name: string
    readonly users: readonly string[]
    readonly count: number
  }[]
}

/** What a reply is called that was sent to its thread and to the channel. */
export const THREAD_BROADCAST = 'thread_broadcast'

/** A stretch of time and a page of it, as `conversations.history` and `.replies` take them. */
export interface HistoryQuery {
  readonly oldest?: string
  readonly latest?: string
  readonly inclusive: boolean
  readonly limit: number
  /** Where the page before ended. */
  readonly afterTs?: string
}

/** Messages, and whether there are more. */
export interface HistoryPage {
  readonly messages: readonly SlackMessage[]
  readonly hasMore: boolean
}

/**
 * The messages of all channels, bounded per channel (the oldest are forgotten). Issues `ts`: unique per channel,
 * increasing, sortable as text.
 */
export class SlackMessages {
  readonly #clock: Clock
  readonly #bound: number
  readonly #channels = new Map<string, SlackMessage[]>()
  #lastMicros = 0

  constructor(clock: Clock, messagesPerChannel: number) {
    this.#clock = clock
    this.#bound = messagesPerChannel
  }

  /** Instants are the clock's milliseconds; the digits below keep them unique. */
  nextTs(): string {
    this.#lastMicros = Math.max(Math.floor(this.#clock.wallAt()) * 1_000, this.#lastMicros + 1)
    const seconds = Math.floor(this.#lastMicros / 1_000_000)
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`
  }

  add(channel: string, message: SlackMessage): void {
    const messages = this.#of(channel)
    messages.push(message)
    if (messages.length > this.#bound * 1.1) messages.splice(0, messages.length - this.#bound)
    if (message.thread_ts) this.#countReply(channel, message)
  }

  find(channel: string, ts: string): SlackMessage | undefined {
    const messages = this.#of(channel)
    return messages[indexOfTs(messages, ts)]
  }

  replace(channel: string, message: SlackMessage): void {
    const messages = this.#of(channel)
    const index = indexOfTs(messages, message.ts)
    if (index >= 0) messages[index] = message
  }

  remove(channel: string, ts: string): void {
    const messages = this.#of(channel)
    const index = indexOfTs(messages, ts)
    if (index >= 0) messages.splice(index, 1)
  }

  /** Newest first, without the replies in threads (they are found with `replies`) but for those sent to the channel too. */
  history(channel: string, query: HistoryQuery): HistoryPage {
    const inChannel = (message: SlackMessage) => !isReply(message) || message.subtype === THREAD_BROADCAST
    const inRange = this.#of(channel).filter((message) => inChannel(message) && within(message.ts, query))
    const { afterTs } = query
    const left = afterTs === undefined ? inRange : inRange.filter((message) => message.ts < afterTs)
    return { messages: left.slice(-query.limit).reverse(), hasMore: left.length > query.limit }
  }

  /** The thread's parent, on every page, and its replies, oldest first. */
  replies(channel: string, parentTs: string, query: HistoryQuery): HistoryPage | undefined {
    const parent = this.find(channel, parentTs)
    if (!parent) return undefined
    const inThread = (message: SlackMessage) => isReply(message) && message.thread_ts === parentTs
    const inRange = this.#of(channel).filter((message) => inThread(message) && within(message.ts, query))
    const { afterTs } = query
    const left = afterTs === undefined ? inRange : inRange.filter((message) => message.ts > afterTs)
    return { messages: [parent, ...left.slice(0, query.limit)], hasMore: left.length > query.limit }
  }

  #of(channel: string): SlackMessage[] {
    const known = this.#channels.get(channel)
    if (known) return known
    const fresh: SlackMessage[] = []
    this.#channels.set(channel, fresh)
    return fresh
  }

  #countReply(channel: string, reply: SlackMessage): void {
    const parent = this.find(channel, reply.thread_ts ?? '')
    if (!parent) return
    const replyCount = (parent.reply_count ?? 0) + 1
    this.replace(channel, {
      ...parent,
      thread_ts: parent.ts,
      reply_count: replyCount,
      latest_reply: reply.ts,
    })
  }
}

/** Whether it stands in a thread that another message began. */
export function isReply(message: SlackMessage): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts
}

/** The message with one more person's reaction. */
export function withReaction(message: SlackMessage, name: string, user: string): SlackMessage {
  const others = message.reactions ?? []
  const users = [...(others.find((reaction) => reaction.name === name)?.users ?? []), user]
  const reaction = { name, users, count: users.length }
  if (users.length === 1) return { ...message, reactions: [...others, reaction] }
  return { ...message, reactions: others.map((other) => (other.name === name ? reaction : other)) }
}

/** Timestamps of equal length compare as text; `0` and other short forms of `oldest` are padded first. */
function within(ts: string, { oldest, latest, inclusive }: HistoryQuery): boolean {
  if (oldest !== undefined && (inclusive ? ts < padded(oldest) : ts <= padded(oldest))) return false
  return latest === undefined || (inclusive ? ts <= padded(latest) : ts < padded(latest))
}

function padded(ts: string): string {
  const [seconds = '', fraction = ''] = ts.split('.')
  return `${seconds.padStart(10, '0')}.${fraction.padEnd(6, '0')}`
}

/** Messages lie in the order of their `ts`, so a look-up is a binary search. */
function indexOfTs(messages: readonly SlackMessage[], ts: string): number {
  let low = 0
  let high = messages.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = messages[middle]?.ts ?? ''
    if (found === ts) return middle
    if (found < ts) low = middle + 1
    else high = middle - 1
  }
  return -1
}
