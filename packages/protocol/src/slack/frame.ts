/** What a link needs to know of a frame, whichever transport it came over. Read by `rtm-frame.ts` and `socket-mode-frame.ts`. */
export type SlackFrame =
  /** The socket serves. Socket Mode tells whose it is, and how many sockets the app has now. */
  | {
      readonly kind: 'hello'
      readonly socketCount?: number
      readonly appId?: string
    }
  /** Slack will close this socket soon: RTM `goodbye` and `team_migration_started`, Socket Mode `warning` and `refresh_requested`. */
  | { readonly kind: 'farewell'; readonly why: string }
  /**
   * Slack refuses the socket. `long`: asking again soon would be refused as well (`too_many_websockets`,
   * `link_disabled`), and `why` says what a person can do.
   */
  | { readonly kind: 'refusal'; readonly patience: 'short' | 'long'; readonly why: string }
  | { readonly kind: 'pong'; readonly id: number }
  /** RTM: the answer to something we sent. */
  | {
      readonly kind: 'reply'
      readonly replyTo: number
      readonly ok: boolean
      readonly error?: string
      readonly ts?: string
    }
  /** RTM. `stamped`: it has a `ts` or `event_ts`, so that a second sighting of it can be recognised. */
  | { readonly kind: 'event'; readonly stamped: boolean }
  /** Socket Mode. `payloadText` is the raw text of `payload`, byte for byte. */
  | {
      readonly kind: 'envelope'
      readonly id: string
      /** `events_api`, `interactive`, `slash_commands`, or one that this version does not know. */
      readonly type: string
      readonly payloadText: string
      readonly acceptsPayload: boolean
      /** 0 for the first delivery. */
      readonly retryAttempt: number
    }
  /** It belongs to the socket and says nothing that happened (`reconnect_url`, an RTM error about something we sent). */
  | { readonly kind: 'aside'; readonly why: string }
  /** Not a frame. `problem` is one line without any of its text. */
  | { readonly kind: 'malformed'; readonly problem: string }
