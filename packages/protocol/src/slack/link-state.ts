import type { Report, SocketEffect, SocketInput } from '../socket.ts'
import type { SlackFrame } from './frame.ts'

/** Over what the link speaks. The states are the same; who closes an old socket, and what is held back, differs. */
export type LinkTransport = 'rtm' | 'socket-mode'

/** What outlives a socket. */
export interface LinkMemory {
  /** The number given to the last socket (or the call that leads to one). Each gets its own, rising. */
  readonly generation: number
  /** Attempts since the last healthy socket: the next wait depends on it. */
  readonly attemptCount: number
  /** Of those, how many Slack refused with the wish to be left alone for long. */
  readonly refusalCount: number
}

/** The way to the next socket: one at a time, whether or not an older one still lives. */
export type Approach =
  | { readonly kind: 'calling'; readonly generation: number }
  | { readonly kind: 'connecting'; readonly generation: number }
  | { readonly kind: 'awaitingHello'; readonly generation: number }
  | {
      readonly kind: 'backingOff'
      readonly generation: number
      /** Why, and for how long. */
      readonly why: string
      /** From its beginning. */
      readonly waitMs: number
    }

/** A socket on which Slack has said hello. */
export interface LiveSocket {
  readonly generation: number
  /** The id of the last ping; ids are unique per socket. */
  readonly pingId: number
  /** RTM: the id of the last ping that was answered. */
  readonly pongId: number
  /** Pings sent since anything was heard. */
  readonly silentCount: number
}

/** A frame of a younger socket that waits until the old one's last has been taken. */
export type HeldFrame = Extract<LinkEffect, { kind: 'frame' }>

/** A socket that has a successor, or is told to end; what it still says counts. */
export type OldSocket =
  /** Socket Mode: it serves until its envelopes are acknowledged. */
  | { readonly kind: 'draining'; readonly socket: LiveSocket }
  /**
   * RTM: both sockets carry every event, and the old one's come first: the successor's are held. `awaitedId`: the ping
   * that must be answered before it is closed, and before its close proves that nothing fell between the two.
   */
  | {
      readonly kind: 'emptying'
      readonly generation: number
      readonly held: readonly HeldFrame[]
      readonly awaitedId: number | undefined
    }
  /** RTM: we have closed it, and it has no successor. */
  | { readonly kind: 'ending'; readonly generation: number }
  /** We have closed it, and nobody waits for what it says. */
  | { readonly kind: 'closing'; readonly generation: number }

/** See `link.ts` for what each state waits for and what ends it. */
export type LinkState =
  | { readonly kind: 'idle'; readonly memory: LinkMemory }
  /** No socket lives: events are missed (RTM) or wait with Slack (Socket Mode). */
  | { readonly kind: 'opening'; readonly memory: LinkMemory; readonly approach: Approach }
  | { readonly kind: 'connected'; readonly memory: LinkMemory; readonly live: LiveSocket }
  /** The live socket will not live much longer; its successor is on the way while it still serves. */
  | {
      readonly kind: 'leaving'
      readonly memory: LinkMemory
      readonly live: LiveSocket
      readonly approach: Approach
      /**
       * RTM: the ping that went out on the live socket when the successor's address was given. From that address on the
       * successor gets every event, so once the ping is answered nothing can fall between the two.
       */
      readonly probeId: number | undefined
    }
  /** The successor lives; the old socket is emptied and closed. */
  | {
      readonly kind: 'handingOver'
      readonly memory: LinkMemory
      readonly live: LiveSocket
      readonly old: OldSocket
      /** Why the successor itself will not live much longer, if Slack said so already. */
      readonly farewell: string | undefined
    }
  /** Told to stop: the sockets close, and what comes until then still counts. */
  | {
      readonly kind: 'closing'
      readonly memory: LinkMemory
      /** In the order in which they were opened. */
      readonly sockets: readonly OldSocket[]
      readonly why: string
    }
  | { readonly kind: 'stopped'; readonly memory: LinkMemory; readonly why: string }
  | { readonly kind: 'fatal'; readonly memory: LinkMemory; readonly why: string }

/** A link's state of one kind. */
export type StateOf<Kind extends LinkState['kind']> = Extract<LinkState, { kind: Kind }>

/** See `link.ts` for the states that live by each. */
export type LinkTimer = 'call' | 'connect' | 'hello' | 'reconnect' | 'ping' | 'age' | 'handover' | 'close'

/** What can happen to a link. */
export type LinkInput =
  | SocketInput<LinkTimer>
  | { readonly kind: 'start' }
  /** Closes the sockets, takes what comes until they are closed, and ends. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Sends a ping out of turn on the socket that serves, where one does: its `pong` proves how far we have caught up. */
  | { readonly kind: 'prove' }
  /** Slack gave an address: good once, for 30 s. */
  | { readonly kind: 'addressGiven'; readonly generation: number; readonly url: string }
  /** It did not. `error` is Slack's own word, `http_<status>`, `unreachable`, or `budget_spent` where we did not ask. */
  | {
      readonly kind: 'addressRefused'
      readonly generation: number
      readonly error: string
      readonly retryAfterMs?: number
      /** For the log, where `error` does not say enough. */
      readonly reason?: string
      /** Socket Mode, which has two tokens: the one that was refused, where it is not the app's. */
      readonly token?: 'bot'
    }
  | {
      readonly kind: 'frame'
      readonly generation: number
      readonly frame: SlackFrame
      readonly text: string
    }
  /** A websocket ping or pong came: a sign of life below the frames. */
  | { readonly kind: 'heard'; readonly generation: number }
  /** Answer to `drain`: no envelope of that socket waits for its acknowledgement any more. */
  | { readonly kind: 'drained'; readonly generation: number }

/** An input of one kind. */
export type InputOf<Kind extends LinkInput['kind']> = Extract<LinkInput, { kind: Kind }>

/** Effects are done in the order given. */
export type LinkEffect =
  | Report<LinkState['kind']>
  | SocketEffect<LinkTimer>
  | { readonly kind: 'clearTimer'; readonly timer: LinkTimer }
  /** Call rtm.connect or apps.connections.open; answer with `addressGiven` or `addressRefused`. */
  | { readonly kind: 'callForAddress'; readonly generation: number }
  /** RTM: a ping frame with this id. Socket Mode: a websocket ping. */
  | { readonly kind: 'ping'; readonly generation: number; readonly id: number }
  /**
   * RTM: Slack answered the ping `id`; everything it sent before has been received and taken. A pong is left out where
   * that is not so: while an older socket is still being emptied.
   */
  | { readonly kind: 'pong'; readonly generation: number; readonly id: number }
  /** RTM, after `stop`: Slack answered our close; everything it sent before our close has been received. */
  | { readonly kind: 'closedInTurn'; readonly generation: number }
  /** The socket serves: on RTM what was posted since the last proof (`pong`, `closedInTurn`) is a gap. Frames follow. */
  | { readonly kind: 'connected'; readonly generation: number }
  /**
   * Events may be missed until the next `connected`: no socket lives or, on RTM, the old one ended without an answer to
   * our close or to the last ping, so that nobody knows what it still had to say; then `connected` follows at once.
   */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** The successor serves alone; the link was never without a socket. */
  | { readonly kind: 'handedOver'; readonly from: number; readonly to: number }
  /** Socket Mode: tell with `drained` when no envelope of this socket waits for its acknowledgement. */
  | { readonly kind: 'drain'; readonly generation: number }
  /** An event (RTM) or an envelope (Socket Mode), as it came, in the order in which it counts. */
  | {
      readonly kind: 'frame'
      readonly generation: number
      readonly frame: Extract<SlackFrame, { kind: 'event' | 'envelope' }>
      readonly text: string
    }
  /** RTM: the answer to something we sent; no event. */
  | {
      readonly kind: 'reply'
      readonly generation: number
      readonly frame: Extract<SlackFrame, { kind: 'reply' }>
    }
