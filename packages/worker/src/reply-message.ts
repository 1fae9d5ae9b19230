import type { EventPlatform, HoldfastEvent, Platform } from '@holdfast/events'
import type { Block, KnownBlock, MessageAttachment } from '@slack/types'
import type { RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'

/** A message for Slack: the arguments of https://docs.slack.dev/reference/methods/chat.postMessage that make it up. */
export interface SlackMessage {
  readonly text?: string
  readonly blocks?: readonly (KnownBlock | Block)[]
  readonly attachments?: readonly MessageAttachment[]
  readonly mrkdwn?: boolean
  readonly unfurl_links?: boolean
  readonly unfurl_media?: boolean
  /** In a thread: show it in the channel too. */
  readonly reply_broadcast?: boolean
  /**
   * Where it goes. Default: the event's thread if it happened in one, else the channel. `true` opens a thread below the
   * event's message, `false` is always the channel, a text is the `ts` of a thread's first message.
   */
  readonly thread?: boolean | string
  /**
   * For the eyes of the person who acted: takes a slash command or an interactive payload. Slack never shows such a message
   * again, so that whether one went out just as its worker died can't be told.
   */
  readonly ephemeral?: boolean
  /** Puts this message in the place of the one whose button was pressed, or that answered the command before. */
  readonly replace_original?: boolean
  /** Deletes the message whose button was pressed, or that answered the command before. */
  readonly delete_original?: boolean
}

/**
 * A message for Discord: https://docs.discord.com/developers/resources/message#create-message, or an answer to an
 * interaction, whose `flags` may make it ephemeral.
 */
export interface DiscordMessage
  extends Omit<RESTPostAPIChannelMessageJSONBody, 'nonce' | 'enforce_nonce' | 'message_reference'> {
  /** Shows the event's message above the answer. Default false; an answer to an interaction shows it in any case. */
  readonly quote?: boolean
}

interface Messages {
  slack: SlackMessage
  discord: DiscordMessage
}

/** Where the message went. */
export interface SlackReply {
  readonly channel: string
  /** Empty where Slack does not say: of an ephemeral message, and of one that went to the payload's `response_url`. */
  readonly ts: string
}

/** Where the message went. */
export interface DiscordReply {
  readonly channel_id: string
  readonly id: string
}

interface Replies {
  slack: SlackReply
  discord: DiscordReply
}

/** A text, or the platform's own message. */
export type ReplyMessage<On extends Platform = Platform> = string | Messages[On]

/** Where the message went, as the platform names it. */
export type ReplyResult<On extends Platform = Platform> = Replies[On]

/** Of `ReplyOptions`. */
export const REPLY_OPTION_KEYS = ['name', 'to'] as const satisfies readonly (keyof ReplyOptions)[]

/** What a reply is known by, and what it answers. */
export interface ReplyOptions<To extends EventPlatform = EventPlatform> {
  /** Of the step. Default: the order of the calls, which a handler must then keep from run to run. */
  readonly name?: string
  /**
   * An event that `ctx.waitFor` gave, to be answered where it happened, or a channel: `slackChannel(id)`, `discordChannel(id)`.
   * Default: the handler's own event.
   */
  readonly to?: Omit<HoldfastEvent, 'platform'> & { readonly platform: To }
}
