/**
 * What goes over the wire between a platform and its clients, as types alone, so that a fake platform and a client can
 * share the shapes without sharing code. Sources: docs.discord.com/developers/events/gateway-events,
 * docs.slack.dev/legacy/legacy-rtm-api.
 */

/** GET /gateway/bot */
export interface DiscordGatewayBot {
  readonly url: string
  readonly shards: number
  readonly session_start_limit: {
    readonly total: number
    readonly remaining: number
    /** Milliseconds. */
    readonly reset_after: number
    readonly max_concurrency: number
  }
}

/** Op 10 */
export interface DiscordHello {
  readonly op: 10
  readonly d: { readonly heartbeat_interval: number }
}

/** Op 0; Discord writes its members in this order. */
export interface DiscordDispatch<Data = unknown> {
  readonly t: string
  readonly s: number
  readonly op: 0
  readonly d: Data
}

/** `d` of READY, as far as a shard reads it. */
export interface DiscordReady {
  readonly v: number
  readonly session_id: string
  readonly resume_gateway_url: string
  readonly user: { readonly id: string }
  readonly application: { readonly id: string }
  readonly guilds: readonly { readonly id: string; readonly unavailable: boolean }[]
  readonly shard?: readonly [id: number, count: number]
}

/** Op 7 */
export interface DiscordReconnect {
  readonly op: 7
  readonly d: null
}

/** Op 9; `d` says whether the session can be resumed. */
export interface DiscordInvalidSession {
  readonly op: 9
  readonly d: boolean
}

/** The answer to rtm.connect. */
export type SlackRtmConnect =
  | {
      readonly ok: true
      readonly url: string
      readonly self: { readonly id: string; readonly name: string }
      readonly team: { readonly id: string; readonly name: string; readonly domain: string }
    }
  | { readonly ok: false; readonly error: string }

/** The first frame on a socket. */
export interface SlackRtmHello {
  readonly type: 'hello'
}

/** Slack is about to close the socket. */
export interface SlackRtmGoodbye {
  readonly type: 'goodbye'
}

/** The socket is refused, or a frame we sent was wrong. */
export interface SlackRtmError {
  readonly type: 'error'
  readonly error: { readonly code: number; readonly msg: string }
}

/** From the client. */
export interface SlackRtmPing {
  readonly type: 'ping'
  readonly id: number
}

/** The answer to the ping whose id is `reply_to`. */
export interface SlackRtmPong {
  readonly type: 'pong'
  readonly reply_to: number
}
