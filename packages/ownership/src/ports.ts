/** What a gateway must remember of a Discord session to resume it from another process. */
export interface DiscordSession {
  readonly kind: 'discord'
  readonly sessionId: string
  readonly resumeUrl: string
  /** The watermark: highest sequence up to which Redis has confirmed everything. */
  readonly sequence: number
  /** Until when everything Discord sent is confirmed (Unix milliseconds): a gap begins here, should the session be lost. */
  readonly confirmedAt: number
  /** Shard id and shard count; a session is only good for the count it was made with. */
  readonly shard: readonly [id: number, count: number]
  readonly applicationId: string
  readonly botUserId: string
  /** The intents it was identified with: a resume keeps them, whatever the configuration says now. Absent in older checkpoints. */
  readonly intents?: number
}

/** What a gateway must remember of an RTM connection to announce honestly what it missed. */
export interface SlackRtmPresence {
  readonly kind: 'slack-rtm'
  readonly teamId: string
  readonly botUserId: string
  readonly appId?: string
  /** Until when everything that came is confirmed (Unix milliseconds). Never later than the truth. */
  readonly caughtUpAt: number
  /**
   * Names the last time that its holder yielded and had confirmed everything posted until then: a successor that had said hello
   * before needs to announce nothing. Another name means another time. Absent where it never did, or could not the last time.
   */
  readonly yielded?: string
}

/** What a gateway must remember of a Socket Mode connection to tell an outage that Slack's redeliveries do not cover. */
export interface SlackSocketPresence {
  readonly kind: 'slack-socket-mode'
  readonly appId: string
  readonly teamId?: string
  /** Until when at least one socket was open (Unix milliseconds). Never later than the truth. */
  readonly heardAt: number
}

/** What is stored of a unit. */
export type Checkpoint = DiscordSession | SlackRtmPresence | SlackSocketPresence

/**
 * Where checkpoints live. `unit` names what is owned: `<connection>` or `<connection>/<shard>`. A write under a fencing number
 * older than the last that the lease store gave out for the unit is refused: a frozen owner that wakes up can do no harm.
 */
export interface CheckpointStore {
  /** Nothing where none was saved yet, or another version saved one that this one can't use. */
  load(unit: string): Promise<Checkpoint | undefined>
  save(unit: string, fence: number, checkpoint: Checkpoint): Promise<'saved' | 'refused'>
}

/** What a platform allows of one method: at most `burst` at once, one more every `everyMs`. */
export interface CallRate {
  readonly burst: number
  readonly everyMs: number
}

/** `granted`, or how long until it may be asked again. */
export type CallGrant = { readonly kind: 'granted' } | { readonly kind: 'spent'; readonly waitMs: number }

/**
 * The right to make a call that a platform allows only rarely, counted over all replicas and restarts, so that a crash loop
 * can't lock a workspace out. `key` names what the platform counts by (never a token in the clear).
 */
export interface CallBudget {
  /** Spends one, if there is one. */
  take(key: string, rate: CallRate): Promise<CallGrant>
  /** The platform asked to be left alone for `ms`: nothing is granted until then. */
  block(key: string, ms: number): Promise<void>
}
