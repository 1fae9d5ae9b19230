/** Version of the extension attributes below, as this version writes them. */
export const EVENT_VERSION = 1

/**
 * The versions that this one reads: its own and every one before it. Attributes that a reader does not know are ignored under any of
 * them; what an older reader could not make sense of (another platform, another `delivery`) raises the version.
 */
export const READABLE_EVENT_VERSIONS: readonly number[] = [EVENT_VERSION]

/** A platform that bots live on. */
export type Platform = 'slack' | 'discord'

/** Where an event is from; `holdfast`: what we announce of a queue itself, whatever platforms feed it. */
export type EventPlatform = Platform | 'holdfast'

/**
 * How the event came: `live`; `initial`, part of the flood of guilds after an identify; `replay`, repeated by a
 * resumed session; `retry`, delivered again by Slack; `backfill`, read from the platform's history after a gap.
 */
export type Delivery = 'live' | 'initial' | 'replay' | 'retry' | 'backfill'

/** The attributes of an event: CloudEvents 1.0 and our extensions (all lower case, as CloudEvents asks). */
export interface EventAttributes {
  readonly specversion: '1.0'
  /** The identity of the fact. URL-safe, without `:`, never a bare number. The only thing that deduplication looks at. */
  readonly id: string
  /** `/slack/<connection>`, `/discord/<connection>/<shard>` or `/holdfast/<queue>` */
  readonly source: string
  /** `slack.message`, `discord.MESSAGE_CREATE`, `slack.interactive.block_actions`, `holdfast.gap`, … */
  readonly type: string
  /** When it happened on the platform (RFC 3339); absent where the payload does not say. */
  readonly time?: string
  /** The conversation that orders it; absent where there is none. */
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  /** Events API only: the outer `event_callback` without its `event`, as a JSON string. */
  readonly slackcallback?: string
  readonly hfversion: number
  readonly platform: EventPlatform
  /** The connection's id in the configuration; the queue's name where the platform is `holdfast`. */
  readonly connection: string
  /** Team or guild. */
  readonly workspace?: string
  /** The user who did it. */
  readonly actor?: string
  /** When the gateway read it (RFC 3339, milliseconds). */
  readonly receivedat: string
  readonly delivery: Delivery
  /** Interactive events: where an answer for the socket goes. */
  readonly replyto?: string
  /** W3C trace context. */
  readonly traceparent?: string
}

/** An event as workers see it: attributes and the platform's own payload, unchanged. */
export interface HoldfastEvent<Data = unknown> extends EventAttributes {
  readonly data: Data
}

/**
 * An event on its way to the queue. `text` is the whole event as JSON, with the payload's own bytes inside, so that
 * nothing of it is lost by parsing and writing it again (integers beyond 2^53, key order, duplicate keys).
 */
export interface OutgoingEvent {
  readonly id: string
  readonly type: string
  readonly subject?: string
  readonly actor?: string
  readonly delivery: Delivery
  /** How long a second sighting of `id` is refused. */
  readonly dedupeWindowMs: number
  /** Interactive events go to `<subscription>.interactive`, without lanes. */
  readonly interactive: boolean
  readonly text: string
}
