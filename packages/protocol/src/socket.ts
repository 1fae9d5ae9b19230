/**
 * What the machines of both platforms say of their one socket and its timers. Each socket has a generation: what carries
 * an older number belongs to a socket that is left behind.
 */

/** What a socket and its timers tell a machine. */
export type SocketInput<Timer extends string> =
  | { readonly kind: 'socketOpened'; readonly generation: number }
  | {
      readonly kind: 'socketClosed'
      readonly generation: number
      /** Absent where the other side gave none. */
      readonly code: number | undefined
      /** For the log: the close reason or the transport's error. */
      readonly reason: string
    }
  | { readonly kind: 'timer'; readonly generation: number; readonly timer: Timer }

/** What a machine asks of its socket and its timers. */
export type SocketEffect<Timer extends string> =
  | { readonly kind: 'openSocket'; readonly generation: number; readonly url: string }
  /** Close with `code`, and drop the TCP connection if nobody answers. What arrives before the other side's close is still heard. */
  | { readonly kind: 'closeSocket'; readonly generation: number; readonly code: number }
  /** Drop the TCP connection at once. */
  | { readonly kind: 'terminateSocket'; readonly generation: number }
  /** Replaces the timer of the same name. */
  | {
      readonly kind: 'setTimer'
      readonly timer: Timer
      readonly ms: number
      readonly generation: number
    }
  | { readonly kind: 'clearTimers' }

/** What a machine tells of itself. */
export type Report<Kind extends string> =
  /** One line of log. */
  | { readonly kind: 'transition'; readonly from: Kind; readonly to: Kind; readonly why: string }
  /** A frame that could not be read. `problem` is one line without any of its text. */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** A person must act; `why` says what to do. */
  | { readonly kind: 'fatal'; readonly why: string }

/** The timers that each state lives by. */
export type TimersOf<Kind extends string, Timer extends string> = Readonly<Record<Kind, readonly Timer[]>>

/**
 * Whether an input is none of the state's business: it belongs to an older socket, or to a timer that the state does not
 * live by. The one place where the past is dropped.
 */
export function isPast<Kind extends string, Timer extends string>(
  state: { readonly kind: Kind; readonly memory: { readonly generation: number } },
  input: { readonly kind: string; readonly generation?: number; readonly timer?: Timer },
  timers: TimersOf<Kind, Timer>,
): boolean {
  if (input.generation !== undefined && input.generation !== state.memory.generation) return true
  return input.timer !== undefined && !timers[state.kind].includes(input.timer)
}
