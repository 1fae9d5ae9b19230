import type { Clock } from '../clock.ts'
import type { DeliveredTo, PostFact } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import type { DiscordBot, DiscordChannel, DiscordDirectory, DiscordThread, DiscordUser } from './directory.ts'
import type { Dispatches } from './dispatches.ts'
import type { DiscordMessage, DiscordMessages } from './messages.ts'
import type { Nonces } from './nonces.ts'
import { showBotUser, showChannel, showUser } from './payloads.ts'
import { reactionPayload, withReaction } from './reactions.ts'
import type { Snowflakes } from './snowflakes.ts'

/** What may be said in a message, beside who says it where. */
export type DiscordContent = Pick<DiscordMessage, 'content'> &
  Partial<
    Pick<
      DiscordMessage,
      | 'embeds'
      | 'components'
      | 'nonce'
      | 'flags'
      | 'message_reference'
      | 'referenced_message'
      | 'webhook_id'
      | 'application_id'
      | 'interaction_metadata'
    >
  >

/** A message, and what became of it for each bot. */
export interface DiscordPosted {
  readonly message: DiscordMessage
  readonly deliveredTo: readonly DeliveredTo[]
}

/** What postings are made with. */
export interface DiscordPostingParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly directory: DiscordDirectory
  readonly snowflakes: Snowflakes
  readonly messages: DiscordMessages
  /** Messages that one person sees: in no history and in no event. */
  readonly ephemerals: DiscordMessages
  readonly nonces: Nonces
  readonly dispatches: Dispatches
}

// Flags of a message: a thread was started from it; only one person sees it.
const HAS_THREAD = 32
const EPHEMERAL = 64

/** Everything that is said on the fake Discord passes here: it is stored, dispatched to sessions and recorded. */
export class DiscordPostings {
  readonly #parts: DiscordPostingParts

  constructor(parts: DiscordPostingParts) {
    this.#parts = parts
  }

  sayAsUser(user: DiscordUser, channel: DiscordChannel, content: string): DiscordPosted {
    return this.#say(channel, showUser(user), { content })
  }

  /** A bot's message. With a nonce that it used a while ago and `enforceNonce`, the message of then. */
  sayAsBot(bot: DiscordBot, channel: DiscordChannel, said: DiscordContent, way: BotWay): DiscordMessage {
    const { nonces } = this.#parts
    const known = way.enforceNonce && said.nonce !== undefined ? nonces.find(bot, said.nonce) : undefined
    if (known) {
      this.#recordPost(bot, way, known, 'from-nonce')
      return known
    }
    const message = this.#compose(channel, showBotUser(bot), said)
    if (said.nonce !== undefined) nonces.remember(bot, said.nonce, message)
    this.#recordPost(bot, way, message, 'created')
    if (isEphemeral(message)) this.#parts.ephemerals.add(message)
    else this.#publish(channel, message)
    return message
  }

  editAsBot(bot: DiscordBot, channel: DiscordChannel, message: DiscordMessage, way: BotRequest): void {
    this.#storeOf(message).replace(message)
    this.#recordPost(bot, way, message, 'edited')
    if (!isEphemeral(message)) this.#parts.dispatches.message('MESSAGE_UPDATE', channel, message)
  }

  deleteAsBot(bot: DiscordBot, channel: DiscordChannel, message: DiscordMessage, way: BotRequest): void {
    this.#storeOf(message).remove(message)
    this.#recordPost(bot, way, message, 'deleted')
    const d = { id: message.id, channel_id: channel.id, guild_id: channel.guildId }
    this.#parts.dispatches.make('MESSAGE_DELETE', JSON.stringify(d), { channel, id: message.id })
  }

  /** Does nothing where the bot's reaction is there already. */
  reactAsBot(bot: DiscordBot, channel: DiscordChannel, message: DiscordMessage, emoji: string): void {
    const reacted = withReaction(message, emoji, bot.id)
    if (!reacted) return
    const way = { method: 'PUT /channels/:channel/messages/:message/reactions/:emoji/@me' }
    this.#recordPost(bot, way, message, 'reacted', emoji)
    this.#react(showBotUser(bot), channel, reacted, emoji)
  }

  /** Answers nothing where the person's reaction is there already. */
  reactAsUser(
    user: DiscordUser,
    channel: DiscordChannel,
    message: DiscordMessage,
    emoji: string,
  ): readonly DeliveredTo[] | undefined {
    const reacted = withReaction(message, emoji, user.id)
    return reacted && this.#react(showUser(user), channel, reacted, emoji)
  }

  /** The thread is there and the message says so: THREAD_CREATE and MESSAGE_UPDATE go out. */
  startThread(
    thread: DiscordThread,
    parent: DiscordChannel,
    message: DiscordMessage,
  ): readonly DeliveredTo[] {
    const shown = showChannel(thread)
    const d = JSON.stringify({ ...shown, newly_created: true })
    const about = { channel: thread, id: thread.id, user: thread.thread.ownerId }
    const deliveredTo = this.#parts.dispatches.make('THREAD_CREATE', d, about)
    const carrying = { ...message, thread: shown, flags: message.flags | HAS_THREAD }
    this.#parts.messages.replace(carrying)
    this.#parts.dispatches.message('MESSAGE_UPDATE', parent, carrying)
    return deliveredTo
  }

  /** Now, in Discord's way of writing it. */
  timestamp(): string {
    return new Date(this.#parts.clock.wallAt()).toISOString().replace('Z', '000+00:00')
  }

  #react(
    user: DiscordMessage['author'],
    channel: DiscordChannel,
    reacted: DiscordMessage,
    emoji: string,
  ): readonly DeliveredTo[] {
    this.#parts.messages.replace(reacted)
    const { id } = reacted
    const d = JSON.stringify(reactionPayload(user, channel, reacted, emoji))
    const about = { channel, id, user: user.id, name: emoji, message: id }
    return this.#parts.dispatches.make('MESSAGE_REACTION_ADD', d, about)
  }

  #storeOf(message: DiscordMessage): DiscordMessages {
    return isEphemeral(message) ? this.#parts.ephemerals : this.#parts.messages
  }

  #say(channel: DiscordChannel, author: DiscordMessage['author'], said: DiscordContent): DiscordPosted {
    const message = this.#compose(channel, author, said)
    return { message, deliveredTo: this.#publish(channel, message) }
  }

  #publish(channel: DiscordChannel, message: DiscordMessage): readonly DeliveredTo[] {
    this.#parts.messages.add(message)
    return this.#parts.dispatches.message('MESSAGE_CREATE', channel, message)
  }

  #compose(channel: DiscordChannel, author: DiscordMessage['author'], said: DiscordContent): DiscordMessage {
    return {
      type: said.message_reference ? 19 : 0,
      tts: false,
      timestamp: this.timestamp(),
      pinned: false,
      mentions: this.#mentionedIn(said.content),
      mention_roles: [],
      mention_everyone: false,
      id: this.#parts.snowflakes.next(),
      flags: 0,
      embeds: [],
      edited_timestamp: null,
      components: [],
      channel_id: channel.id,
      author,
      attachments: [],
      ...said,
    }
  }

  #mentionedIn(content: string): object[] {
    const { bots, users } = this.#parts.directory
    const mentioned = new Set([...content.matchAll(/<@!?(\d+)>/g)].map(([, id]) => id))
    if (mentioned.size === 0) return []
    return [...bots.map(showBotUser), ...users.map(showUser)].filter(({ id }) => mentioned.has(id))
  }

  #recordPost(
    bot: DiscordBot,
    { method, interaction }: BotRequest,
    message: DiscordMessage,
    outcome: PostFact['outcome'],
    name?: string,
  ): void {
    const { channel_id: channel, id, content: text } = message
    const nonce = message.nonce === undefined ? undefined : String(message.nonce)
    const about = { method, channel, id, text, nonce, interaction, name, outcome }
    this.#parts.record.write(given({ kind: 'post', platform: 'discord', bot: bot.id, ...about }))
  }
}

/** By which request a bot acts. */
export interface BotRequest {
  readonly method: string
  /** The interaction that it responds to. */
  readonly interaction?: string
}

/** By which request a bot speaks. */
export interface BotWay extends BotRequest {
  readonly enforceNonce: boolean
}

function isEphemeral({ flags }: DiscordMessage): boolean {
  return (flags & EPHEMERAL) !== 0
}
