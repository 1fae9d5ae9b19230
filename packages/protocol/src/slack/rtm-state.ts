import type { Report, SocketEffect, SocketInput } from '../socket.ts'
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
  | { readonly kind: 'closing'; readonly memory: RtmMemory; readonly why: string }
  | { readonly kind: 'backingOff'; readonly memory: RtmMemory; readonly why: string }
  | { readonly kind: 'stopped'; readonly memory: RtmMemory; readonly why: string }
  | { readonly kind: 'fatal'; readonly memory: RtmMemory; readonly why: string }

/** A state in which Slack has said hello and pings run. */
export type RtmLivingState = Extract<RtmState, { kind: 'connected' | 'leaving' }>

/** See `TIMERS` in `rtm.ts` for the states that live by each. */
export type RtmTimer = 'call' | 'connect' | 'hello' | 'ping' | 'goodbye' | 'close' | 'reconnect'

/** What can happen to an RTM connection. */
export type RtmInput =
  | SocketInput<RtmTimer>
  | { readonly kind: 'start' }
  /** Closes the socket, takes what comes until it is closed, and ends. What comes later is for the next one, as a gap. */
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
  | {
      readonly kind: 'frame'
      readonly generation: number
      readonly frame: RtmFrame
      readonly text: string
    }

/** Effects are done in the order given. */
export type RtmEffect =
  | Report<RtmState['kind']>
  | SocketEffect<RtmTimer>
  /** Call rtm.connect; answer with `addressGiven` or `addressRefused`. */
  | { readonly kind: 'callConnect'; readonly generation: number }
  | { readonly kind: 'ping'; readonly id: number }
  /** Slack answered the ping `id`: everything it sent before has been received. */
  | { readonly kind: 'pong'; readonly id: number }
  /** Slack answered our close: everything it sent before has been received. */
  | { readonly kind: 'closedInTurn' }
  /** Hello came: what was posted since the last `disconnected`, or while the process was down, is a gap. Frames follow. */
  | { readonly kind: 'connected' }
  /** From now on events are missed, until the next `connected`. */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** An event, as it came. */
  | { readonly kind: 'frame'; readonly text: string }
