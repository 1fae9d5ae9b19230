import type { Delivery, OutgoingEvent } from './event.ts'

/** What the gateway knows of a payload before reading it: whence it came, and when. */
export interface Origin {
  /** The connection's id in the configuration. */
  readonly connection: string
  /** Slack: the app id, or the bot's user id where the app id can't be learned. Discord: the application id. */
  readonly bot: string
  /** When the frame was read (Unix milliseconds). */
  readonly receivedAt: number
  readonly delivery: Delivery
  /** Unique text of this frame's own. It becomes the identity of frames that have none. */
  readonly nonce: string
  /** W3C trace context. */
  readonly traceparent?: string | undefined
}

/** Of an RTM frame. */
export interface SlackRtmOrigin extends Origin {
  /** The workspace that `rtm.connect` answered with. */
  readonly teamId: string
}

/** Of an envelope of Socket Mode. */
export interface SlackEnvelopeOrigin extends Origin {
  /** The workspace of the connection's bot token, for payloads that don't name their installation. */
  readonly teamId?: string | undefined
  /** The envelope it came in. Without it, answers can't go back over the socket. */
  readonly envelope?: { readonly id: string; readonly acceptsPayload: boolean } | undefined
}

/** Backfill: `delivery` is set by the reader. */
export interface SlackHistoryOrigin extends Omit<SlackRtmOrigin, 'delivery'> {
  /** The channel whose history was read; messages there don't name it. */
  readonly channel: string
  /** The organisation, where the app is installed on all of it: live events are seen through it. */
  readonly organisationId?: string | undefined
}

/** Of a dispatch. */
export interface DiscordOrigin extends Origin {
  readonly shard: number
  readonly sessionId: string
}

/** Backfill: `delivery` is set by the reader, and there is no session. */
export interface DiscordHistoryOrigin extends Omit<DiscordOrigin, 'delivery' | 'sessionId'> {
  /** The guild of the channel whose history was read; messages there don't name it. Absent for direct messages. */
  readonly guildId?: string | undefined
}

/** What a reader made of a payload. Readers never throw: every text is one of these. */
export type Reading =
  | { readonly kind: 'event'; readonly event: OutgoingEvent }
  /** Nothing tells it from the next one: no deduplication, outside the promises of loss and repetition. */
  | { readonly kind: 'ephemeral'; readonly event: OutgoingEvent }
  /** It belongs to the socket (hello, pong, replies), and says nothing that happened. */
  | { readonly kind: 'not-event'; readonly why: string }
  /** One line: what was expected and what is wrong. Never a word of the payload. */
  | { readonly kind: 'malformed'; readonly problem: string }

/** A `malformed` reading of `what`. The length is the only thing said of the payload itself. */
export function malformed(what: string, text: string, problem: string): Reading {
  return { kind: 'malformed', problem: `${what} (${text.length} characters): ${problem}` }
}
