import type { ArmedFaults } from '../armed-faults.ts'
import { type Clock, randomHex } from '../clock.ts'
import type { DeliveredTo, PostFact } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import type { SlackBot, SlackChannel, SlackDirectory } from './directory.ts'
import { appMention, isMentionOf } from './mentions.ts'
import { type SlackMessage, type SlackMessages, THREAD_BROADCAST } from './messages.ts'
import type { SlackOutlets } from './outlets.ts'
import type { RtmSocket } from './rtm-socket.ts'

/** What a person says. */
export interface UserMessage {
  readonly channel: SlackChannel
  readonly user: string
  readonly text: string
  readonly threadTs?: string | undefined
}

/** What a bot says, and by which way. */
export interface BotMessage {
  readonly method: string
  readonly channel: SlackChannel
  readonly text: string
  readonly threadTs?: string | undefined
  /** A reply that shows in the channel too. */
  readonly broadcast?: boolean
  /** As the bot user (RTM, `as_user`), instead of with the subtype `bot_message`. */
  readonly asUser: boolean
  readonly username?: string | undefined
  readonly extras?: Pick<SlackMessage, 'blocks' | 'attachments' | 'metadata'>
  /** The trigger id of the interaction that this answers. */
  readonly interaction?: string | undefined
  /** The socket it came from: that one gets a reply instead of the event. */
  readonly from?: RtmSocket
}

/** Where it stands, and what became of it for each bot. */
export interface Posted {
  readonly ts: string
  readonly deliveredTo: readonly DeliveredTo[]
}

/** What postings are made with. */
export interface PostingParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly directory: SlackDirectory
  readonly messages: SlackMessages
  readonly armed: ArmedFaults
  readonly outlets: SlackOutlets
}

/** Everything that is said on the fake Slack passes here: it is stored, shown to the bots in the channel and recorded. */
export class SlackPostings {
  readonly #parts: PostingParts

  constructor(parts: PostingParts) {
    this.#parts = parts
  }

  sayAsUser({ channel, user, text, threadTs }: UserMessage): Posted {
    const message: SlackMessage = given({
      client_msg_id: this.#clientMessageId(),
      type: 'message',
      text,
      user,
      team: channel.teamId,
      ts: this.#parts.messages.nextTs(),
      thread_ts: threadTs,
    })
    return this.#say(channel, message)
  }

  /** Of an app that has Socket Mode the bot user says it: only classic apps know the subtype `bot_message`. */
  sayAsBot(bot: SlackBot, said: BotMessage): SlackMessage {
    const { channel, text, threadTs, extras, interaction } = said
    const author =
      said.asUser || this.#parts.outlets.isApp(bot)
        ? { user: bot.userId }
        : ({ subtype: 'bot_message', username: said.username ?? bot.name } as const)
    const message: SlackMessage = given({
      type: 'message',
      ...author,
      text,
      ts: this.#parts.messages.nextTs(),
      bot_id: bot.botId,
      app_id: bot.appId,
      team: channel.teamId,
      thread_ts: threadTs,
      ...extras,
      ...this.#broadcast(said),
    })
    this.#recordPost(bot, said.method, channel, message, 'created', { interaction })
    this.#say(channel, message, said.from)
    return message
  }

  /** For the eyes of one person: no event, and nothing that history would show. */
  whisperAsBot(bot: SlackBot, { method, channel, text, interaction }: BotMessage): void {
    const message = { type: 'message', text, ts: this.#parts.messages.nextTs() } as const
    this.#recordPost(bot, method, channel, message, 'created', { interaction, ephemeral: true })
  }

  editAsBot(bot: SlackBot, channel: SlackChannel, message: SlackMessage, method = 'chat.update'): void {
    const previous = this.#parts.messages.find(channel.id, message.ts)
    this.#parts.messages.replace(channel.id, message)
    this.#recordPost(bot, method, channel, message, 'edited')
    const { metadata: _, ...shown } = message
    this.#announceChange(channel, 'message_changed', { message: shown, previous_message: previous })
  }

  deleteAsBot(bot: SlackBot, channel: SlackChannel, message: SlackMessage, method = 'chat.delete'): void {
    this.#parts.messages.remove(channel.id, message.ts)
    this.#recordPost(bot, method, channel, message, 'deleted')
    const change = { deleted_ts: message.ts, previous_message: message }
    this.#announceChange(channel, 'message_deleted', change)
  }

  reactAsBot(bot: SlackBot, channel: SlackChannel, message: SlackMessage, name: string): void {
    this.#recordPost(bot, 'reactions.add', channel, message, 'reacted', { name })
    this.react(channel, bot.userId, name, message)
  }

  /** Anybody's reaction. Whoever calls has made sure that there is none of the same name and user. */
  react(channel: SlackChannel, user: string, name: string, message: SlackMessage): Posted {
    this.#parts.messages.replace(channel.id, withReaction(message, name, user))
    const ts = this.#parts.messages.nextTs()
    const item = { type: 'message', channel: channel.id, ts: message.ts }
    const frame = {
      type: 'reaction_added',
      user,
      reaction: name,
      item,
      item_user: message.user,
      event_ts: ts,
    }
    return this.#announce(channel, frame, { ts, user, name, message: message.ts })
  }

  /** `user_typing`: ephemeral, without a timestamp. */
  announceTyping(channel: SlackChannel, user: string, from?: RtmSocket): Posted {
    const frame = { type: 'user_typing', channel: channel.id, user }
    return this.#announce(channel, frame, { user }, from)
  }

  /** Sends a frame, exactly as given, to one bot: over RTM as it is, over Socket Mode as an event. It is stored nowhere. */
  sendFrame(bot: SlackBot, text: string, type: string): DeliveredTo {
    const { armed, outlets, record } = this.#parts
    const deliveredTo = outlets.deliver(bot, { type, text }, armed.takeCopyCount('slack'))
    record.write({ kind: 'event', platform: 'slack', type, deliveredTo: [deliveredTo] })
    return deliveredTo
  }

  #say(channel: SlackChannel, message: SlackMessage, from?: RtmSocket): Posted {
    this.#parts.messages.add(channel.id, message)
    // Metadata is no part of message frames; bots read it back with include_all_metadata.
    const { metadata: _, ...shown } = message
    const event_ts = message.ts
    const frame = { ...shown, source_team: channel.teamId, channel: channel.id, event_ts }
    const user = message.user ?? message.bot_id
    const posted = this.#announce(channel, frame, { ts: message.ts, user, text: message.text }, from)
    this.#mention(channel, shown)
    return posted
  }

  /** An event of its own beside the message's, for apps alone and to those that are mentioned. */
  #mention(channel: SlackChannel, message: SlackMessage): void {
    const { directory, outlets, record } = this.#parts
    const mentioned = directory.botsIn(channel.id).filter((bot) => isMentionOf(bot, message))
    if (mentioned.length === 0) return
    const event = appMention(channel, message)
    const deliveredTo = mentioned.flatMap((bot) => outlets.deliverToApp(bot, event) ?? [])
    if (deliveredTo.length === 0) return
    const about = {
      type: event.type,
      channel: channel.id,
      id: message.ts,
      user: message.user ?? message.bot_id,
    }
    record.write(given({ kind: 'event', platform: 'slack', ...about, deliveredTo }))
  }

  #announceChange(channel: SlackChannel, subtype: string, change: object): void {
    const ts = this.#parts.messages.nextTs()
    const frame = { type: 'message', subtype, hidden: true, ...change, channel: channel.id, ts, event_ts: ts }
    this.#announce(channel, frame, { ts })
  }

  #announce(
    channel: SlackChannel,
    frame: { readonly type: string },
    about: Announced,
    from?: RtmSocket,
  ): Posted {
    const { armed, directory, record, outlets } = this.#parts
    const event = { type: frame.type, text: JSON.stringify(frame), channel: channel.id }
    const copies = armed.takeCopyCount('slack')
    const all = directory.botsIn(channel.id).map((bot) => outlets.deliver(bot, event, copies, from))
    // Whoever sent it over its only socket has the reply instead, and has lost nothing.
    const deliveredTo = all.filter(({ bot, ...got }) => bot !== from?.bot.userId || isAnything(got))
    const { ts: id, ...rest } = about
    const { type } = frame
    record.write(
      given({ kind: 'event', platform: 'slack', type, channel: channel.id, id, ...rest, deliveredTo }),
    )
    return { ts: about.ts ?? '', deliveredTo }
  }

  #recordPost(
    bot: SlackBot,
    method: string,
    channel: SlackChannel,
    message: SlackMessage,
    outcome: PostFact['outcome'],
    more: { readonly [Name in 'name' | 'interaction']?: string | undefined } & Pick<
      PostFact,
      'ephemeral'
    > = {},
  ): void {
    const { ts: id, text, thread_ts: threadTs } = message
    const about = { channel: channel.id, id, text, threadTs, ...more, outcome }
    this.#parts.record.write(given({ kind: 'post', platform: 'slack', bot: bot.userId, method, ...about }))
  }

  #broadcast({ broadcast, threadTs, channel }: BotMessage): Pick<SlackMessage, 'subtype' | 'root'> {
    const root = threadTs === undefined ? undefined : this.#parts.messages.find(channel.id, threadTs)
    return broadcast && root ? { subtype: THREAD_BROADCAST, root } : {}
  }

  #clientMessageId(): string {
    const digits = (length: number) => randomHex(this.#parts.clock, length)
    return `${digits(8)}-${digits(4)}-4${digits(3)}-8${digits(3)}-${digits(12)}`
  }
}

/** What the record says of an announcement. */
interface Announced {
  readonly ts?: string
  readonly user?: string | undefined
  readonly text?: string
  readonly name?: string
  readonly message?: string
}

function withReaction(message: SlackMessage, name: string, user: string): SlackMessage {
  const others = message.reactions ?? []
  const users = [...(others.find((reaction) => reaction.name === name)?.users ?? []), user]
  const reaction = { name, users, count: users.length }
  if (users.length === 1) return { ...message, reactions: [...others, reaction] }
  return { ...message, reactions: others.map((other) => (other.name === name ? reaction : other)) }
}

function isAnything({ sentCount, bufferedCount }: Omit<DeliveredTo, 'bot'>): boolean {
  return sentCount + bufferedCount > 0
}
