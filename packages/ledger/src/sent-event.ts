/** An event as the platform sent it, from the simulator's record. */
export interface SentEvent {
  /** The sender's name for it, which it carries through everything. */
  readonly key: string
  /** Place in the record: what has the smaller number was sent first. */
  readonly n: number
  /** When the platform sent it (Unix milliseconds). */
  readonly at: number
  readonly connection: string
  /** Where its order counts; absent for events that belong to no conversation. */
  readonly conversation?: string
  /** The bot must answer it, once. */
  readonly expectsAnswer: boolean
  /** Where the answer must come and what it must quote, if answers are known by what they quote. */
  readonly quote?: string
  /**
   * Where nobody was to repeat it: `missed` was written to no socket and kept for none, `written` went to a socket of
   * Slack's RTM, `kept` waits for a Discord session to be resumed. Absent where the platform repeats what it wrote: no
   * announced gap excuses that.
   */
  readonly once?: 'written' | 'kept' | 'missed'
  /** A reaction, a command: no history of the platform holds it, so that nothing can fill it in. */
  readonly unrecorded?: true
}

/** A Discord session was resumed, or ended. What it had kept until then was written to a socket, but for the last few. */
export interface SessionTurn {
  /** Place in the record. */
  readonly n: number
  /** How many of the last that it had kept are lost with it. */
  readonly lostCount: number
}

export function nameOf({ key, conversation }: SentEvent): string {
  return conversation === undefined ? key : `${key} of ${conversation}`
}
