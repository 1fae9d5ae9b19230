import { type Clock, randomUuid } from '../clock.ts'
import type { PostFact } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import type { Posted, SlackAnnouncements } from './announcements.ts'
import type { SlackBot, SlackChannel } from './directory.ts'
import { type SlackMessage, type SlackMessages, THREAD_BROADCAST, withReaction } from './messages.ts'
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

/** What postings are made with. */
export interface PostingParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly messages: SlackMessages
  readonly announcements: SlackAnnouncements
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
      client_msg_id: randomUuid(this.#parts.clock),
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
    return this.#parts.announcements.announce(channel, frame, { ts, user, name, message: message.ts })
  }

  /** `user_typing`: ephemeral, without a timestamp. */
  announceTyping(channel: SlackChannel, user: string, from?: RtmSocket): Posted {
    const frame = { type: 'user_typing', channel: channel.id, user }
    return this.#parts.announcements.announce(channel, frame, { user }, from)
  }

  #say(channel: SlackChannel, message: SlackMessage, from?: RtmSocket): Posted {
    this.#parts.messages.add(channel.id, message)
    // Metadata is no part of message frames; bots read it back with include_all_metadata.
    const { metadata: _, ...shown } = message
    const event_ts = message.ts
    const frame = { ...shown, source_team: channel.teamId, channel: channel.id, event_ts }
    const user = message.user ?? message.bot_id
    const posted = this.#parts.announcements.announce(
      channel,
      frame,
      { ts: message.ts, user, text: message.text },
      from,
    )
    this.#parts.announcements.mention(channel, shown)
    return posted
  }

  #announceChange(channel: SlackChannel, subtype: string, change: object): void {
    const ts = this.#parts.messages.nextTs()
    const frame = { type: 'message', subtype, hidden: true, ...change, channel: channel.id, ts, event_ts: ts }
    this.#parts.announcements.announce(channel, frame, { ts })
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
}
