/** A platform that is simulated. */
export type Platform = 'slack' | 'discord'

/**
 * What became of one event for one bot at the instant it was posted. Sent: so many frames were written to open sockets,
 * which is not yet received. Buffered: it was kept for so many sessions without a socket (Discord) or connects under way
 * (Slack). Neither: lost to that bot. A bot that is not named was not to get it.
 */
export interface DeliveredTo {
  readonly bot: string
  readonly sentCount: number
  readonly bufferedCount: number
}

/** Something happened on the platform and was offered to bots. */
export interface EventFact {
  readonly kind: 'event'
  readonly platform: Platform
  /** `message`, `reaction_added`, `MESSAGE_CREATE`, … */
  readonly type: string
  readonly channel?: string
  /** Slack: ts. Discord: the snowflake of its subject. */
  readonly id?: string
  /** Who did it: a user, or the bot user that posted. */
  readonly user?: string
  /** The message's text, cut to the record's bound; of a command or a press, `/tide` or the button's label. */
  readonly text?: string
  /** Of a reaction: Slack's name of it, or the emoji. */
  readonly name?: string
  /** Of a reaction: the message below which it stands. */
  readonly message?: string
  readonly deliveredTo: readonly DeliveredTo[]
}

/** A bot said something. Every accepted request counts, also one that created nothing new. */
export interface PostFact {
  readonly kind: 'post'
  readonly platform: Platform
  readonly bot: string
  /** `chat.postMessage`, `rtm`, `POST /channels/:id/messages`, … */
  readonly method: string
  readonly channel: string
  readonly id: string
  readonly text?: string
  readonly threadTs?: string
  readonly nonce?: string
  /** The interaction that this responds to, where it does. */
  readonly interaction?: string
  /** Of a reaction: Slack's name of it, or the emoji. */
  readonly name?: string
  /** Slack: only one person saw it, and nothing of it is kept. */
  readonly ephemeral?: true
  /** `from-nonce`: an earlier message was answered, none was created. */
  readonly outcome: 'created' | 'from-nonce' | 'edited' | 'deleted' | 'reacted'
}

/**
 * A person used a command, pressed a button or sent a form, and what became of it: `waiting` first, then `answered` by the
 * bot's first response (a deferral or an acknowledgement is one), or `failed` when there was none within the 3 s that both
 * platforms allow.
 */
export interface InteractionFact {
  readonly kind: 'interaction'
  readonly platform: Platform
  readonly bot: string
  /** Discord: its snowflake. Slack: the trigger id. */
  readonly id: string
  readonly channel: string
  readonly user: string
  /** `/tide`, or the button's label. */
  readonly what: string
  /** The message of the pressed button. */
  readonly message?: string
  /** When the person did it: Unix milliseconds. */
  readonly askedAt: number
  readonly state: 'waiting' | 'answered' | 'failed'
  /** Slack: what the acknowledgement said beside its coming: a `response_action`, or `message`. */
  readonly response?: string
}

/** A bot's request was refused, by rule or by fault. */
export interface RefusalFact {
  readonly kind: 'refusal'
  readonly platform: Platform
  readonly bot?: string
  readonly method: string
  readonly status: number
  readonly error: string
}

/** The request was executed and its answer thrown away: the client saw a reset. */
export interface LostAnswerFact {
  readonly kind: 'lost-answer'
  readonly platform: Platform
  readonly bot?: string
  readonly method: string
}

/** A websocket came or went. */
export interface SocketFact {
  readonly kind: 'socket'
  readonly platform: Platform
  readonly socket: number
  /** Absent as long as nobody has identified on it. */
  readonly bot?: string
  readonly what: 'opened' | 'closed' | 'refused'
  /** Close code as the platform saw or sent it; 1006 for a connection that just ended. */
  readonly code?: number
  readonly by?: 'bot' | 'platform'
}

/** The life of a connect URL, of RTM or Socket Mode. */
export interface TicketFact {
  readonly kind: 'ticket'
  readonly platform: 'slack'
  readonly bot: string
  readonly what: 'issued' | 'used' | 'expired'
  /** Events it had buffered: handed over when used, lost when expired. */
  readonly bufferedCount: number
}

/**
 * The life of one delivery of a Socket Mode envelope: `sent` on a socket, then `acknowledged` or `unanswered` (no
 * acknowledgement in time: it is delivered again, as attempt + 1), and at last `given-up`. One `envelope` is one delivery.
 */
export interface EnvelopeFact {
  readonly kind: 'envelope'
  readonly platform: 'slack'
  readonly bot: string
  readonly envelope: string
  /** `events_api`, `interactive`, `slash_commands`. */
  readonly type: string
  /** What the fact is known by, the same over all attempts: the event id, or the trigger id. */
  readonly subject: string
  readonly attempt: number
  readonly what: 'sent' | 'acknowledged' | 'unanswered' | 'given-up'
  /** Absent where no socket was open to send it on. */
  readonly socket?: number
  /** From sent to acknowledged. */
  readonly tookMs?: number
}

/** A bot asked for a new session. */
export interface IdentifyFact {
  readonly kind: 'identify'
  readonly platform: 'discord'
  readonly bot?: string
  readonly socket: number
  readonly outcome: 'ready' | 'invalid-session' | 'closed'
  readonly session?: string
  readonly shard?: readonly [number, number]
  readonly intents?: number
  /** The close code, where the outcome is `closed`. */
  readonly code?: number
  /** Left of today's budget after this one. */
  readonly remainingCount?: number
}

/** A bot asked for its old session. */
export interface ResumeFact {
  readonly kind: 'resume'
  readonly platform: 'discord'
  readonly bot?: string
  readonly socket: number
  readonly session: string
  /** As the bot gave it. */
  readonly sequence: number
  readonly outcome: 'resumed' | 'invalid-session' | 'closed'
  readonly code?: number
  readonly why?: string
  readonly replayedCount?: number
}

/** A Discord session is over; what it had buffered is lost. */
export interface SessionEndFact {
  readonly kind: 'session-end'
  readonly platform: 'discord'
  readonly bot: string
  readonly session: string
  readonly why: string
  readonly sequence: number
  /** Dispatches that no socket was ever given. */
  readonly lostCount: number
}

/** How the bot is shown to people. */
export interface PresenceFact {
  readonly kind: 'presence'
  readonly platform: Platform
  readonly bot: string
  readonly status: 'online' | 'offline'
}

/** A bot on Discord said how it wants to be shown, in IDENTIFY or by op 3; `ignored` where it did so too often. */
export interface PresenceUpdateFact {
  readonly kind: 'presence-update'
  readonly platform: 'discord'
  readonly bot: string
  readonly session: string
  readonly socket: number
  readonly status: string
  /** The name of its first activity. */
  readonly activity?: string
  readonly outcome: 'shown' | 'ignored'
}

/** What a fault acts on. */
export interface FaultHit {
  /** How many sockets it acts on at once; absent where it is for none. */
  readonly sockets?: number
  /** How many Discord sessions it ends by themselves. */
  readonly sessions?: number
  /** It waits for its moment, or holds for a while. */
  readonly armed?: true
}

/** A fault was made or armed. */
export interface FaultFact extends FaultHit {
  readonly kind: 'fault'
  readonly platform: Platform
  readonly fault: string
  readonly detail?: string
  /** How long it lasts, where it was told to last. */
  readonly forMs?: number
}

/** A step of a script happened: after whatever it did. */
export interface ScriptFact {
  readonly kind: 'script'
  readonly platform: Platform
  /** Its place in the script, and how often it has happened with this time; both from 1. */
  readonly step: number
  readonly round: number
  /** `fault drop-sockets`, `say`, … */
  readonly what: string
  readonly outcome: 'done' | 'failed'
  /** Why it could not be done. */
  readonly why?: string
}

/** Everything that the record can hold. */
export type Fact =
  | EventFact
  | PostFact
  | InteractionFact
  | RefusalFact
  | LostAnswerFact
  | SocketFact
  | TicketFact
  | EnvelopeFact
  | IdentifyFact
  | ResumeFact
  | SessionEndFact
  | PresenceFact
  | PresenceUpdateFact
  | FaultFact
  | ScriptFact

/** A fact with its place in the record (from 0, without holes) and its instant (Unix milliseconds). */
export type Entry = Fact & { readonly n: number; readonly at: number }
