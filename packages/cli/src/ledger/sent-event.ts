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
   * On a transport that repeats nothing: whether it was written to a socket, or to none and kept for none. Absent on all
   * others, where no announced gap excuses anything.
   */
  readonly once?: 'written' | 'missed'
}

export function nameOf({ key, conversation }: SentEvent): string {
  return conversation === undefined ? key : `${key} of ${conversation}`
}
