import type { Clock } from './clock.ts'

export type Platform = 'slack' | 'discord'

/**
 * What became of one event for one bot at the instant it was posted. Sent: written to that many open sockets, which is
 * not yet received. Buffered: kept for that many sessions without a socket (Discord) or connects under way (Slack).
 * Neither: lost to that bot.
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
  /** The message's text, cut to the record's bound. */
  readonly text?: string
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
  /** `from-nonce`: an earlier message was answered, none was created. */
  readonly outcome: 'created' | 'from-nonce' | 'edited' | 'deleted' | 'reacted'
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

/** The life of an RTM connect URL. */
export interface TicketFact {
  readonly kind: 'ticket'
  readonly platform: 'slack'
  readonly bot: string
  readonly what: 'issued' | 'used' | 'expired'
  /** Events it had buffered: handed over when used, lost when expired. */
  readonly bufferedCount: number
}

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

export interface FaultFact {
  readonly kind: 'fault'
  readonly platform: Platform
  readonly fault: string
  readonly detail?: string
}

export type Fact =
  | EventFact
  | PostFact
  | RefusalFact
  | LostAnswerFact
  | SocketFact
  | TicketFact
  | IdentifyFact
  | ResumeFact
  | SessionEndFact
  | PresenceFact
  | FaultFact

/** A fact with its place in the record (from 0, without holes) and its instant (Unix milliseconds). */
export type Entry = Fact & { readonly n: number; readonly at: number }

export interface RecordPage {
  readonly entries: readonly Entry[]
  /** Pass it as `since` to read on. */
  readonly next: number
  /** How many entries the bound has dropped from the beginning since the start. */
  readonly droppedCount: number
}

export interface RecordFilter {
  /** The first entry of interest; 0 by default. */
  readonly since?: number
  readonly kind?: Fact['kind']
  readonly platform?: Platform
  /** 10,000 by default. */
  readonly limit?: number
}

export interface RecordOptions {
  /** How many entries are kept; older ones are dropped and counted. 200,000 by default. */
  readonly bound?: number
  /** How many characters of a text are kept. 200 by default. */
  readonly textLength?: number
}

type Listener = (entry: Entry) => void

/**
 * Everything that was said on the platforms' side, in order, before any deduplication by anybody: the judge of what
 * was lost, repeated or reordered. Written synchronously with the fact, never changed afterwards.
 */
export class SimulatorRecord {
  readonly #clock: Clock
  readonly #bound: number
  readonly #textLength: number
  readonly #listeners = new Set<Listener>()
  #entries: Entry[] = []
  #firstN = 0

  constructor(clock: Clock, options: RecordOptions = {}) {
    this.#clock = clock
    this.#bound = options.bound ?? 200_000
    this.#textLength = options.textLength ?? 200
  }

  /** Where the next entry will stand. */
  get end(): number {
    return this.#firstN + this.#entries.length
  }

  write(fact: Fact): void {
    const entry: Entry = { ...this.#cut(fact), n: this.end, at: this.#clock.wallAt() }
    this.#entries.push(entry)
    if (this.#entries.length > this.#bound * 1.1) this.#dropOldest()
    for (const listener of this.#listeners) listener(entry)
  }

  read(filter: RecordFilter = {}): RecordPage {
    const limit = filter.limit ?? 10_000
    const entries: Entry[] = []
    let n = Math.max(filter.since ?? 0, this.#firstN)
    for (; n < this.end && entries.length < limit; n++) {
      const entry = this.#entries[n - this.#firstN]
      if (entry && matches(entry, filter)) entries.push(entry)
    }
    return { entries, next: n, droppedCount: this.#firstN }
  }

  /** All kept entries of a kind, in order. */
  of<Kind extends Fact['kind']>(kind: Kind, since = 0): Extract<Entry, { kind: Kind }>[] {
    const isKind = (entry: Entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind
    return this.#entries.slice(Math.max(0, since - this.#firstN)).filter(isKind)
  }

  /** Calls `listener` for each entry written from now on. Returns how to stop it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves with the first entry from `since` on that `wanted` accepts, at once if it is there. Has no timeout of its own. */
  until(wanted: (entry: Entry) => boolean, since = 0): Promise<Entry> {
    const known = this.#entries.slice(Math.max(0, since - this.#firstN)).find(wanted)
    if (known) return Promise.resolve(known)
    return new Promise((resolve) => {
      const stop = this.listen((entry) => {
        if (!wanted(entry)) return
        stop()
        resolve(entry)
      })
    })
  }

  /** In slices, so that the cost of dropping is spread over many writes. */
  #dropOldest(): void {
    const dropCount = this.#entries.length - this.#bound
    this.#entries = this.#entries.slice(dropCount)
    this.#firstN += dropCount
  }

  #cut(fact: Fact): Fact {
    if (!('text' in fact) || (fact.text?.length ?? 0) <= this.#textLength) return fact
    return { ...fact, text: (fact.text ?? '').slice(0, this.#textLength) }
  }
}

function matches(entry: Entry, filter: RecordFilter): boolean {
  if (filter.kind !== undefined && entry.kind !== filter.kind) return false
  return filter.platform === undefined || entry.platform === filter.platform
}
