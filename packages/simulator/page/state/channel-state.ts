import type { ChatChange, ChatInteraction, ChatMessage, ChatThread } from '../../src/page/feed.ts'

/** As many messages are kept, and drawn, of a channel and of each thread; older ones leave. */
export const MESSAGE_BOUND = 200
/** Threads kept of a channel; the least recently written to leaves. */
export const THREAD_BOUND = 200
const INTERACTION_BOUND = 20

/** A thread's replies, without the message that it began with. */
export interface ThreadState {
  readonly name: string | undefined
  readonly replies: readonly ChatMessage[]
  /** Also those that have left. */
  readonly replyCount: number
}

export interface ChannelState {
  /** Outside of threads, oldest first. */
  readonly messages: readonly ChatMessage[]
  /** By the id of the message with which each began. */
  readonly threads: ReadonlyMap<string, ThreadState>
  /** Commands and presses without an answer yet, or for ever. */
  readonly interactions: readonly ChatInteraction[]
  readonly unreadCount: number
}

/** Who looks at the page, and whether at this channel. */
export interface Reader {
  readonly isWatching: boolean
  readonly me: string
}

export const emptyChannel: ChannelState = {
  messages: [],
  threads: new Map(),
  interactions: [],
  unreadCount: 0,
}

/** The channel after a change in it. */
export function changedChannel(channel: ChannelState, change: ChatChange, reader: Reader): ChannelState {
  switch (change.what) {
    case 'message':
      return withMessage(channel, change.message, reader)
    case 'deleted':
      return withoutMessage(channel, change.id)
    case 'thread':
      return withThread(channel, change.thread)
    case 'interaction':
      return { ...channel, interactions: withInteraction(channel.interactions, change.interaction) }
    default:
      return change satisfies never
  }
}

/** A thread as if it were a channel: what was said and used in it. */
export function threadAsChannel({ threads, interactions }: ChannelState, id: string): ChannelState {
  return {
    ...emptyChannel,
    messages: threads.get(id)?.replies ?? [],
    interactions: interactions.filter(({ thread }) => thread === id),
  }
}

/** The commands and presses of a channel itself. */
export function outsideThreads(interactions: readonly ChatInteraction[]): readonly ChatInteraction[] {
  return interactions.filter(({ thread }) => thread === undefined)
}

function withMessage(channel: ChannelState, message: ChatMessage, reader: Reader): ChannelState {
  // A message that began a thread may name that thread; it stays in the channel.
  if (message.thread === undefined || message.thread === message.id) return withPost(channel, message, reader)
  const replied = withReply(channel, message.thread, message)
  return message.alsoInChannel ? withPost(replied, message, reader) : replied
}

function withPost(channel: ChannelState, message: ChatMessage, reader: Reader): ChannelState {
  const at = indexOf(channel.messages, message.id)
  const isNews = at < 0 && !reader.isWatching && message.author.id !== reader.me
  return {
    ...channel,
    messages: at < 0 ? appended(channel.messages, message) : channel.messages.with(at, message),
    unreadCount: channel.unreadCount + (isNews ? 1 : 0),
  }
}

function withReply(channel: ChannelState, id: string, message: ChatMessage): ChannelState {
  const thread = channel.threads.get(id) ?? { name: undefined, replies: [], replyCount: 0 }
  const at = indexOf(thread.replies, message.id)
  if (at >= 0) return putThread(channel, id, { ...thread, replies: thread.replies.with(at, message) })
  const replies = appended(thread.replies, message)
  return putThread(channel, id, { ...thread, replies, replyCount: thread.replyCount + 1 })
}

function withThread(channel: ChannelState, { id, name }: ChatThread): ChannelState {
  const former = channel.threads.get(id)
  return putThread(channel, id, { replies: [], replyCount: 0, ...former, name })
}

function putThread(channel: ChannelState, id: string, thread: ThreadState): ChannelState {
  const threads = new Map(channel.threads)
  threads.delete(id)
  threads.set(id, thread)
  const [oldest] = threads.keys()
  if (threads.size > THREAD_BOUND && oldest !== undefined) threads.delete(oldest)
  return { ...channel, threads }
}

/** The id alone does not say whether it was a reply. */
function withoutMessage(channel: ChannelState, id: string): ChannelState {
  const threads = new Map(
    [...channel.threads].map(([root, thread]) => {
      if (indexOf(thread.replies, id) < 0) return [root, thread]
      const replies = thread.replies.filter((reply) => reply.id !== id)
      return [root, { ...thread, replies, replyCount: thread.replyCount - 1 }]
    }),
  )
  return { ...channel, threads, messages: channel.messages.filter((message) => message.id !== id) }
}

function withInteraction(
  known: readonly ChatInteraction[],
  interaction: ChatInteraction,
): readonly ChatInteraction[] {
  const others = known.filter(({ id }) => id !== interaction.id)
  return interaction.state === 'answered' ? others : [...others, interaction].slice(-INTERACTION_BOUND)
}

function appended(messages: readonly ChatMessage[], message: ChatMessage): readonly ChatMessage[] {
  return [...messages.slice(1 - MESSAGE_BOUND), message]
}

/** From the end: what changes is nearly always young. */
function indexOf(messages: readonly ChatMessage[], id: string): number {
  return messages.findLastIndex((message) => message.id === id)
}
