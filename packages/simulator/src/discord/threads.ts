import type { DeliveredTo } from '../facts.ts'
import type { DiscordChannel, DiscordDirectory, DiscordThread } from './directory.ts'
import type { DiscordMessage } from './messages.ts'
import type { DiscordPostings } from './postings.ts'

const NAME_LENGTH = 100

/** From which message a thread is to be started, and by whom. */
export interface ThreadStart {
  readonly parent: DiscordChannel
  readonly message: DiscordMessage
  readonly name: string
  /** A person or a bot user. */
  readonly ownerId: string
}

/** What became of it. */
export type ThreadStarted =
  | {
      readonly outcome: 'started'
      readonly thread: DiscordThread
      readonly deliveredTo: readonly DeliveredTo[]
    }
  | { readonly outcome: 'bad-name' | 'in-a-thread' | 'already-there' | 'too-many' }

/**
 * Threads that are started from messages: public, and never archived here. The thread has the id of its message.
 * Source: docs.discord.com, Threads; Channel, Start Thread from Message.
 */
export class Threads {
  readonly #directory: DiscordDirectory
  readonly #postings: DiscordPostings

  constructor(directory: DiscordDirectory, postings: DiscordPostings) {
    this.#directory = directory
    this.#postings = postings
  }

  start({ parent, message, name, ownerId }: ThreadStart): ThreadStarted {
    if (name === '' || name.length > NAME_LENGTH) return { outcome: 'bad-name' }
    if (parent.thread) return { outcome: 'in-a-thread' }
    if (this.#directory.thread(message.id)) return { outcome: 'already-there' }
    const thread: DiscordThread = {
      id: message.id,
      guildId: parent.guildId,
      name,
      thread: { parentId: parent.id, ownerId, createdAt: this.#postings.timestamp() },
    }
    if (!this.#directory.addThread(thread)) return { outcome: 'too-many' }
    const deliveredTo = this.#postings.startThread(thread, parent, message)
    return { outcome: 'started', thread, deliveredTo }
  }
}
