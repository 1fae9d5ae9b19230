import type { showBotUser, showUser } from './payloads.ts'
import { compareSnowflakes } from './snowflakes.ts'

/** A message as the API shows it and as it is stored. Source: docs.discord.com, Message. */
export interface DiscordMessage {
  readonly id: string
  readonly type: number
  readonly channel_id: string
  readonly author: ReturnType<typeof showUser> | ReturnType<typeof showBotUser>
  readonly content: string
  readonly timestamp: string
  readonly edited_timestamp: string | null
  readonly tts: boolean
  readonly mention_everyone: boolean
  readonly mentions: readonly object[]
  readonly mention_roles: readonly string[]
  readonly attachments: readonly object[]
  readonly embeds: readonly unknown[]
  readonly components: readonly unknown[]
  readonly reactions?: readonly DiscordReaction[]
  readonly pinned: boolean
  readonly flags: number
  readonly nonce?: string | number
  readonly webhook_id?: string
  readonly application_id?: string
  readonly interaction_metadata?: object
  readonly message_reference?: object
  readonly referenced_message?: DiscordMessage | null
  /** The thread that was started from it. */
  readonly thread?: object
}

/** One emoji below a message, and who put it there. */
export interface DiscordReaction {
  readonly emoji: { readonly id: string | null; readonly name: string }
  readonly count: number
  readonly users: readonly string[]
}

/** Which stretch of a channel is asked for; at most one of `after`, `before` and `around`. */
export interface MessageQuery {
  readonly after?: string
  readonly before?: string
  readonly around?: string
  readonly limit: number
}

/** The messages of all channels, bounded per channel: the oldest are forgotten. */
export class DiscordMessages {
  readonly #bound: number
  readonly #channels = new Map<string, DiscordMessage[]>()
  readonly #lastIds = new Map<string, string>()

  constructor(messagesPerChannel: number) {
    this.#bound = messagesPerChannel
  }

  add(message: DiscordMessage): void {
    const messages = this.#of(message.channel_id)
    messages.push(message)
    this.#lastIds.set(message.channel_id, message.id)
    if (messages.length > this.#bound * 1.1) messages.splice(0, messages.length - this.#bound)
  }

  find(channelId: string, id: string): DiscordMessage | undefined {
    const messages = this.#of(channelId)
    const found = messages[firstNotBefore(messages, id)]
    return found?.id === id ? found : undefined
  }

  replace(message: DiscordMessage): void {
    const messages = this.#of(message.channel_id)
    const index = firstNotBefore(messages, message.id)
    if (messages[index]?.id === message.id) messages[index] = message
  }

  remove(message: DiscordMessage): void {
    const messages = this.#of(message.channel_id)
    const index = firstNotBefore(messages, message.id)
    if (messages[index]?.id === message.id) messages.splice(index, 1)
  }

  /** The id of the last message that was written there, deleted or not. */
  lastId(channelId: string): string | undefined {
    return this.#lastIds.get(channelId)
  }

  /** Newest first always; with `after`, those that follow it directly. */
  page(channelId: string, { after, before, around, limit }: MessageQuery): DiscordMessage[] {
    const messages = this.#of(channelId)
    if (around !== undefined) {
      const middle = firstNotBefore(messages, around)
      const start = Math.max(0, middle - Math.floor(limit / 2))
      return messages.slice(start, start + limit).reverse()
    }
    if (after !== undefined) {
      const at = firstNotBefore(messages, after)
      const start = messages[at]?.id === after ? at + 1 : at
      return messages.slice(start, start + limit).reverse()
    }
    const end = before === undefined ? messages.length : firstNotBefore(messages, before)
    return messages.slice(Math.max(0, end - limit), end).reverse()
  }

  #of(channelId: string): DiscordMessage[] {
    const known = this.#channels.get(channelId)
    if (known) return known
    const fresh: DiscordMessage[] = []
    this.#channels.set(channelId, fresh)
    return fresh
  }
}

/** Messages lie in the order of their ids, so a look-up is a binary search. */
function firstNotBefore(messages: readonly DiscordMessage[], id: string): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareSnowflakes(messages[middle]?.id ?? '0', id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
