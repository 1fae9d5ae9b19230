import type { RtmFrame } from './rtm-frame.ts'

/** What outlives a socket. */
export interface RtmMemory {
  /** Counts sockets (and the calls that lead to one). Inputs that carry an older number are dropped. */
  readonly generation: number
  /** Attempts since the last healthy connection. */
  readonly attemptCount: number
}

/** The liveness of one socket, from its hello on. */
export interface Pulse {
  /** The id of the last ping; ids are unique per socket. */
  readonly pingId: number
  /** Pings sent since the last frame came. */
  readonly silentCount: number
}

/** See `rtm.ts` for what each state waits for and what ends it. */
export type RtmState =
  | { readonly kind: 'idle'; readonly memory: RtmMemory }
  | { readonly kind: 'calling'; readonly memory: RtmMemory }
  | { readonly kind: 'connecting'; readonly memory: RtmMemory }
  | { readonly kind: 'awaitingHello'; readonly memory: RtmMemory }
  | { readonly kind: 'connected'; readonly memory: RtmMemory; readonly pulse: Pulse }
  | { readonly kind: 'leaving'; readonly memory: RtmMemory; readonly pulse: Pulse }
  | { readonly kind: 'backingOff'; readonly memory: RtmMemory; readonly why: string }
  | { readonly kind: 'stopped'; readonly memory: RtmMemory; readonly why: string }
  | { readonly kind: 'fatal'; readonly memory: RtmMemory; readonly why: string }

/** A state in which Slack has said hello and pings run. */
export type RtmLivingState = Extract<RtmState, { kind: 'connected' | 'leaving' }>

export type RtmTimer = 'call' | 'connect' | 'hello' | 'ping' | 'goodbye' | 'reconnect'

export type RtmInput =
  | { readonly kind: 'start' }
  /** Closes the socket and ends. What comes later is for the next one, as a gap. */
  | { readonly kind: 'stop'; readonly why: string }
  /** rtm.connect answered with an address: good once, for 30 s. */
  | { readonly kind: 'addressGiven'; readonly generation: number; readonly url: string }
  /** It did not. `error` is Slack's own word, `http_<status>`, or `unreachable`. */
  | {
      readonly kind: 'addressRefused'
      readonly generation: number
      readonly error: string
      readonly retryAfterMs?: number
      /** For the log, where `error` does not say enough. */
      readonly reason?: string
    }
  | { readonly kind: 'socketOpened'; readonly generation: number }
  | {
      readonly kind: 'socketClosed'
      readonly generation: number
      readonly code: number | undefined
      readonly reason: string
    }
  | {
      readonly kind: 'frame'
      readonly generation: number
      readonly frame: RtmFrame
      readonly text: string
    }
  | { readonly kind: 'timer'; readonly generation: number; readonly timer: RtmTimer }

/** Effects are done in the order given. */
export type RtmEffect =
  /** One line of log. */
  | {
      readonly kind: 'transition'
      readonly from: RtmState['kind']
      readonly to: RtmState['kind']
      readonly why: string
    }
  /** Call rtm.connect; answer with `addressGiven` or `addressRefused`. */
  | { readonly kind: 'callConnect'; readonly generation: number }
  | { readonly kind: 'openSocket'; readonly generation: number; readonly url: string }
  /** Close, and drop the TCP connection if Slack does not answer. Nothing more is heard of this socket. */
  | { readonly kind: 'closeSocket'; readonly generation: number; readonly code: number }
  /** Drop the TCP connection at once. */
  | { readonly kind: 'terminateSocket'; readonly generation: number }
  | { readonly kind: 'ping'; readonly id: number }
  /** Slack answered the ping `id`: everything it sent before has been received. */
  | { readonly kind: 'pong'; readonly id: number }
  /** Replaces the timer of the same name. */
  | {
      readonly kind: 'setTimer'
      readonly timer: RtmTimer
      readonly ms: number
      readonly generation: number
    }
  | { readonly kind: 'clearTimers' }
  /** Hello came: what was posted since the last `disconnected`, or while the process was down, is a gap. Frames follow. */
  | { readonly kind: 'connected' }
  /** From now on events are missed, until the next `connected`. */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** An event, as it came. */
  | { readonly kind: 'frame'; readonly text: string }
  | { readonly kind: 'malformed'; readonly problem: string }
  /** A person must act; `why` says what to do. */
  | { readonly kind: 'fatal'; readonly why: string }
