import type { Report, SocketEffect, SocketInput } from '../socket.ts'
import type { DiscordFrame } from './frame.ts'

/** Which shard, of how many: as IDENTIFY has it. */
export type Shard = readonly [id: number, count: number]

/** A session as it can be resumed, by this process or another. */
export interface ResumableSession {
  readonly sessionId: string
  readonly resumeUrl: string
  /** The confirmed sequence: a resume asks for everything after it. */
  readonly sequence: number
  /** A session is only good for the shard count it was made with. */
  readonly shard: Shard
  readonly applicationId: string
  readonly botUserId: string
  /** What it was identified with, where that is known: a resume keeps it. */
  readonly intents?: number
}

/** A guild of READY, whose first GUILD_CREATE is part of the flood after the identify. */
export interface FloodGuild {
  readonly id: string
  /** Of that GUILD_CREATE, once it has come: under the same number it may come again, in a replay. */
  readonly sequence: number | undefined
}

/** A session in memory: what Discord has sent of it, and what Redis has confirmed. */
export interface Session {
  readonly sessionId: string
  readonly resumeUrl: string
  readonly applicationId: string
  readonly botUserId: string
  /** The last sequence received on this socket; heartbeats carry it. */
  readonly received: number
  /** The watermark; resumes carry it. Never goes back. */
  readonly confirmed: number
  /**
   * At most 2,500: Discord's bound for a shard. Kept over resumes, so that the rest of the flood stays one. Empty in a session
   * that another process began, unless its READY is replayed: GUILD_CREATEs are then told as any other dispatch.
   */
  readonly flood: readonly FloodGuild[]
}

/** What outlives a socket. */
export interface Memory {
  readonly shard: Shard
  /** Counts sockets (and the attempts that lead to one). Inputs that carry an older number are dropped. */
  readonly generation: number
  /** Attempts since the last healthy connection: the next wait depends on it. */
  readonly attemptCount: number
  /** Identifies since the last healthy connection: each has spent budget, so the wait before the next one depends on it. */
  readonly identifyCount: number
  /** Attempts since the last READY or RESUMED: the next address depends on it. */
  readonly triedCount: number
  /** The generic address, once Discord has named it; forgotten when it could not be reached. */
  readonly gatewayUrl: string | undefined
  readonly session: Session | undefined
  /** Nothing more can be taken until Redis has taken what is there: no socket is opened meanwhile. */
  readonly full: boolean
}

/** The memory of a state that has a session to resume, or lives in one. */
export type MemoryWithSession = Memory & { readonly session: Session }

/** The liveness of one socket, from its hello on. */
export interface Heartbeat {
  readonly intervalMs: number
  /** Whether any readable frame came since the last heartbeat. Any: a busy shard can get its acknowledgements late. */
  readonly heard: boolean
  readonly acknowledgedCount: number
}

/** See `shard.ts` for what each state waits for and what ends it. */
export type ShardState =
  | { readonly kind: 'idle'; readonly memory: Memory }
  | { readonly kind: 'locating'; readonly memory: Memory }
  | { readonly kind: 'connecting'; readonly memory: Memory; readonly url: string }
  | { readonly kind: 'awaitingHello'; readonly memory: Memory; readonly url: string }
  | { readonly kind: 'awaitingPermit'; readonly memory: Memory; readonly heartbeat: Heartbeat }
  | { readonly kind: 'identifying'; readonly memory: Memory; readonly heartbeat: Heartbeat }
  | { readonly kind: 'resuming'; readonly memory: MemoryWithSession; readonly heartbeat: Heartbeat }
  | {
      readonly kind: 'connected'
      readonly memory: MemoryWithSession
      readonly heartbeat: Heartbeat
    }
  | { readonly kind: 'backingOff'; readonly memory: Memory; readonly why: string }
  | { readonly kind: 'holding'; readonly memory: Memory }
  /** `heartbeat` is there while the socket is. */
  | {
      readonly kind: 'draining' | 'drained'
      readonly memory: Memory
      readonly heartbeat: Heartbeat | undefined
    }
  | { readonly kind: 'stopped'; readonly memory: Memory; readonly why: string }
  | { readonly kind: 'fatal'; readonly memory: Memory; readonly why: string }

/** The states of one kind. */
export type StateOf<Kind extends ShardState['kind']> = Extract<ShardState, { kind: Kind }>

/** A state in which Discord has said hello and heartbeats run. */
export type LivingState = StateOf<'awaitingPermit' | 'identifying' | 'resuming' | 'connected'>

/** See `TIMERS` in `shard.ts` for the states that live by each. */
export type ShardTimer = 'locate' | 'connect' | 'hello' | 'heartbeat' | 'reconnect' | 'hold' | 'drain'

/** What can happen to a shard. */
export type ShardInput =
  | SocketInput<ShardTimer>
  /** Begins to connect: resumes `session` where one is given and fits the shard count and `intents`, which an identify would ask for. */
  | { readonly kind: 'start'; readonly session?: ResumableSession; readonly intents?: number }
  /** Redis has confirmed everything of the session up to `sequence`. */
  | { readonly kind: 'confirmed'; readonly sessionId: string; readonly sequence: number }
  /** Whether more dispatches can be taken in. `full`: the socket is closed resumably until that changes. */
  | { readonly kind: 'room'; readonly full: boolean }
  /** The session is silent where it can't be (`judgeDeafness`). `anew`: resuming it has not helped, so it is given up. */
  | { readonly kind: 'deaf'; readonly anew: boolean }
  /** Takes no more dispatches and waits, at most `graceMs`, until all that came are confirmed. */
  | { readonly kind: 'drain'; readonly graceMs: number }
  /** Closes so that the session stays. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Discord has named its generic address. */
  | { readonly kind: 'located'; readonly generation: number; readonly url: string }
  /** It has not: with the HTTP status where there was an answer. */
  | {
      readonly kind: 'locateFailed'
      readonly generation: number
      readonly status?: number
      readonly retryAfterMs?: number
      readonly reason: string
    }
  | { readonly kind: 'frame'; readonly generation: number; readonly frame: DiscordFrame }
  | { readonly kind: 'permitGranted'; readonly generation: number }

/** `live`; `initial`, the flood of guilds after an identify; `replay`, repeated by a resumed session. */
export type DispatchDelivery = 'live' | 'initial' | 'replay'

/** Effects are done in the order given. The token is in none of them: the driver adds it to the frames it sends. */
export type ShardEffect =
  | Report<ShardState['kind']>
  | SocketEffect<ShardTimer>
  /** Ask GET /gateway/bot for the generic address; answer with `located` or `locateFailed`. */
  | { readonly kind: 'locate'; readonly generation: number }
  /** Answer with `permitGranted` when the shard may identify. */
  | { readonly kind: 'requestPermit'; readonly generation: number }
  | { readonly kind: 'cancelPermit' }
  /** Answer with `room`: a change of it may have gone by. */
  | { readonly kind: 'askRoom' }
  | { readonly kind: 'identify' }
  | { readonly kind: 'resume'; readonly sessionId: string; readonly sequence: number }
  | { readonly kind: 'heartbeat'; readonly sequence: number | null }
  /** Op 11 came for the oldest open heartbeat. `caughtUp`: no replay is under way, so all that Discord sent before is here. */
  | { readonly kind: 'heartbeatAcknowledged'; readonly caughtUp: boolean }
  /** READY: a new session, whose dispatches follow. */
  | { readonly kind: 'sessionStarted'; readonly session: Session }
  /** RESUMED: everything missed has been replayed. */
  | { readonly kind: 'sessionResumed'; readonly session: Session }
  /** Discord has ended what served, by a close or by op 9: so it does where somebody else resumes the session. */
  | { readonly kind: 'ousted' }
  /** The session can't be resumed: what came between its confirmed sequence and the next session is a gap. */
  | {
      readonly kind: 'sessionLost'
      readonly session: { readonly sessionId: string; readonly confirmed: number }
      readonly why: string
      /** It was given up for its silence, which is part of the gap. */
      readonly deaf?: true
    }
  | {
      readonly kind: 'dispatch'
      readonly sessionId: string
      readonly applicationId: string
      readonly type: string
      readonly sequence: number
      readonly delivery: DispatchDelivery
      /** The raw text of `d`. */
      readonly dataText: string
    }
  /**
   * Once per `drain`: nothing that came is unconfirmed any more, the grace is over, or `stop` came first. Write the
   * checkpoint, then `stop`.
   */
  | { readonly kind: 'drained' }
