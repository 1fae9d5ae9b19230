import type { Rate } from './rates.ts'

/** Slack's limits. Sources: docs.slack.dev, legacy RTM API, Using Socket Mode, Events API and Web API rate limits. */
export interface SlackLimits {
  /** Per bot. Tier 1 with "a small amount of burst". */
  readonly rtmConnect: Rate & { readonly burst: number }
  /** How long an RTM URL may wait for its one use. */
  readonly rtmUrlLifeMs: number
  /** Events between `rtm.connect` and the connection that are kept for it. */
  readonly rtmUrlBufferCount: number
  /** A longer frame from the client ends the connection. */
  readonly rtmFrameBytes: number
  /** The greatest age of an RTM socket; `off` for none. */
  readonly rtmLifeMs: number | 'off'
  /** How long nothing happens in a workspace before its sockets are told goodbye; `off` for ever. */
  readonly rtmQuietMs: number | 'off'
  /** "After an unspecified amount of time": from goodbye to the end. */
  readonly rtmGoodbyeMs: number
  /** How often `reconnect_url` comes; recorded traffic has it every 180 s. */
  readonly rtmReconnectUrlMs: number | 'off'
  /** Messages that a bot sends over RTM, per socket: beyond it an error reply, and soon the end. */
  readonly rtmWrites: (Rate & { readonly burst: number }) | 'off'
  /** Whether a socket begins with the reply to the last message that the bot sent on the one before. */
  readonly rtmRepeatsReply: boolean
  /**
   * `apps.connections.open`, per app. Its tier is told differently by Slack's own sources; the lowest is Tier 1. How much
   * burst that has is not told: an app may hold ten sockets, so ten in a row pass, and then one a minute.
   */
  readonly connectionsOpen: Rate & { readonly burst: number }
  /** How long a Socket Mode URL may wait for its one use. Undocumented; as RTM's. */
  readonly socketModeUrlLifeMs: number
  /** The most sockets of an app; the one beyond gets `too_many_websockets`. */
  readonly socketModeSocketCount: number
  /** A socket's life up to `refresh_requested`: "once every few hours", hellos tell of 1 h and of 5 h. */
  readonly socketModeLifeMs: number
  /** The same where the URL has `debug_reconnects=true`. */
  readonly socketModeDebugLifeMs: number
  /** How long before `refresh_requested` the `warning` comes; 0 for none. */
  readonly socketModeWarningMs: number
  /** How long after `refresh_requested` or `link_disabled` the platform closes the socket itself. */
  readonly socketModeCloseMs: number
  /** How often the platform pings at the websocket level. */
  readonly socketModePingMs: number
  /** After so many pings in a row without a pong the platform drops the socket. */
  readonly socketModePingCount: number
  /** An envelope that is not acknowledged within this has failed. */
  readonly acknowledgeMs: number
  /** How long after a failed delivery of an event the next one comes; its length is the number of redeliveries. */
  readonly eventRetriesMs: readonly number[]
  /** Events per app and workspace (Slack: 30,000 an hour); beyond it they are dropped and the app is told. `off` for none. */
  readonly events: Rate | 'off'
  /** `chat.postMessage` per channel; `off` for none. */
  readonly postPerChannel: Rate | 'off'
  /** `conversations.history` and `.replies`, per method and bot; `off` for none. */
  readonly history: Rate | 'off'
  /** `users.conversations`, per bot (Tier 3); `off` for none. */
  readonly listing: Rate | 'off'
  /** The most messages one page may hold. */
  readonly historyPageCount: number
  /** How many messages of a channel are kept for history. */
  readonly messagesPerChannel: number
}

/** Discord's limits. Sources: docs.discord.com, Gateway, Rate Limits, Message, Receiving and Responding. */
export interface DiscordLimits {
  readonly heartbeatIntervalMs: number
  /** How long a session outlives its socket. The documentation says "a few minutes"; users measure 45 to 90 s. */
  readonly resumeWindowMs: number
  /** Dispatches kept for replay, per session. Undocumented; a resume from before it is refused with op 9. */
  readonly replayBufferCount: number
  /** A longer payload from the bot ends the connection with 4002. */
  readonly payloadBytes: number
  /** What a bot may send on one socket, else 4008. */
  readonly sends: Rate
  /** How often a socket may change its presence; more is ignored. */
  readonly presences: Rate
  /** One IDENTIFY per bucket in this time. */
  readonly identifyEveryMs: number
  readonly maxConcurrency: number
  /** Beyond it all sessions end and the token is reset. */
  readonly identifyBudget: Rate
  /** At this many guilds on one shard, 4011. */
  readonly guildsPerShard: number
  /** The number of shards must be a multiple of it, else 4010: more than 1 for very large bots. */
  readonly shardMultiple: number
  /** What `GET /gateway/bot` recommends. */
  readonly recommendedShardCount: number
  /** "the past few minutes" in which a nonce is remembered. */
  readonly nonceWindowMs: number
  /** Per bot, over all routes but interactions. */
  readonly restGlobal: Rate
  /** Per bot, route and channel. */
  readonly restPerRoute: Rate
  readonly interactionAnswerMs: number
  readonly interactionTokenMs: number
  /** How many messages of a channel are kept for history. */
  readonly messagesPerChannel: number
}

/** The limits of both platforms. */
export interface Limits {
  readonly slack: SlackLimits
  readonly discord: DiscordLimits
}

/** The worst figure that documentation or field reports give, for each: what a client must be able to live with. */
export const STRICT_LIMITS: Limits = {
  slack: {
    rtmConnect: { count: 1, perMs: 60_000, burst: 2 },
    rtmUrlLifeMs: 30_000,
    rtmUrlBufferCount: 1_000,
    rtmFrameBytes: 16_384,
    rtmLifeMs: 8 * 3_600_000,
    rtmQuietMs: 120_000,
    rtmGoodbyeMs: 10_000,
    rtmReconnectUrlMs: 180_000,
    rtmWrites: { count: 1, perMs: 1_000, burst: 10 },
    rtmRepeatsReply: true,
    connectionsOpen: { count: 1, perMs: 60_000, burst: 10 },
    socketModeUrlLifeMs: 30_000,
    socketModeSocketCount: 10,
    socketModeLifeMs: 3_600_000,
    socketModeDebugLifeMs: 360_000,
    socketModeWarningMs: 10_000,
    socketModeCloseMs: 10_000,
    socketModePingMs: 5_000,
    socketModePingCount: 6,
    acknowledgeMs: 3_000,
    eventRetriesMs: [0, 60_000, 300_000],
    events: 'off',
    postPerChannel: { count: 1, perMs: 1_000 },
    history: { count: 50, perMs: 60_000 },
    listing: { count: 50, perMs: 60_000 },
    historyPageCount: 999,
    messagesPerChannel: 50_000,
  },
  discord: {
    heartbeatIntervalMs: 41_250,
    resumeWindowMs: 45_000,
    replayBufferCount: 5_000,
    payloadBytes: 4_096,
    sends: { count: 120, perMs: 60_000 },
    presences: { count: 5, perMs: 20_000 },
    identifyEveryMs: 5_000,
    maxConcurrency: 1,
    identifyBudget: { count: 1_000, perMs: 24 * 3_600_000 },
    guildsPerShard: 2_500,
    shardMultiple: 1,
    recommendedShardCount: 1,
    nonceWindowMs: 120_000,
    restGlobal: { count: 50, perMs: 1_000 },
    restPerRoute: { count: 5, perMs: 5_000 },
    interactionAnswerMs: 3_000,
    interactionTokenMs: 15 * 60_000,
    messagesPerChannel: 50_000,
  },
}

/** Rates loosened so that a demo or a load test sees its own speed; the rules of the protocols stay as they are. */
export const DEMO_LIMITS: Limits = {
  slack: {
    ...STRICT_LIMITS.slack,
    rtmConnect: { count: 60, perMs: 60_000, burst: 20 },
    rtmQuietMs: 'off',
    rtmWrites: 'off',
    connectionsOpen: { count: 60, perMs: 60_000, burst: 20 },
    socketModeLifeMs: 18_060_000,
    postPerChannel: 'off',
    history: 'off',
    listing: 'off',
  },
  discord: {
    ...STRICT_LIMITS.discord,
    identifyEveryMs: 1_000,
    restGlobal: { count: 10_000, perMs: 1_000 },
    restPerRoute: { count: 10_000, perMs: 1_000 },
  },
}
