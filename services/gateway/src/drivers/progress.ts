import { Reach } from './reach.ts'

/**
 * Between the moment something happens on the platform and the moment it is on its way to every socket. Not documented;
 * it only makes a gap begin a little earlier than it must.
 */
export const FANOUT_ALLOWANCE_MS = 1_000

/**
 * How far a stream of events has come: by sequence, what is received, confirmed, and held (confirmed, or kept in the journal);
 * by instant, until when nothing that happened on the platform is missing. The instant comes from probes (heartbeats,
 * pings): when the answer to one is there, everything sent before the probe is there too, since a socket keeps its order. The
 * sequence never goes back, and the instant is never later than the truth. Instants are those of this process (`process-time.ts`): to set
 * the wall clock changes nothing of what is known.
 */
export class Progress {
  readonly #confirmed: Reach
  readonly #held: Reach
  #received: number
  #heardAt: number

  /** `sequence` is confirmed and nothing before `caughtUpAt` is missing. */
  constructor(sequence: number, caughtUpAt: number) {
    this.#confirmed = new Reach(sequence, caughtUpAt)
    this.#held = new Reach(sequence, caughtUpAt)
    this.#received = sequence
    this.#heardAt = caughtUpAt
  }

  /** The next sequence of a stream that has no numbers of its own. */
  receivedNext(): number {
    this.received(this.#received + 1)
    return this.#received
  }

  received(sequence: number): void {
    this.#received = Math.max(this.#received, sequence)
    this.#confirmed.received(sequence)
    this.#held.received(sequence)
  }

  /** Redis has the event. Whether the watermark moved. */
  confirm(sequence: number): boolean {
    this.#held.confirm(sequence)
    return this.#confirmed.confirm(sequence)
  }

  /** The journal has the event. Whether what is held moved. */
  keep(sequence: number): boolean {
    return this.#held.confirm(sequence)
  }

  /** A probe sent at `sentAt` is answered: what happened before it has been received. */
  probeAnswered(sentAt: number): void {
    const at = sentAt - FANOUT_ALLOWANCE_MS
    this.#heardAt = at
    this.#confirmed.proven(at, this.#received)
    this.#held.proven(at, this.#received)
  }

  /** The highest sequence that came. */
  get highest(): number {
    return this.#received
  }

  /** The watermark. */
  get sequence(): number {
    return this.#confirmed.sequence
  }

  /** Up to where everything is confirmed or kept; never behind the watermark. */
  get heldSequence(): number {
    return this.#held.sequence
  }

  /** Until when everything was received, confirmed or not. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** Until when everything is confirmed. */
  get confirmedAt(): number {
    return this.#confirmed.at
  }

  /** Until when everything is confirmed or kept. */
  get heldAt(): number {
    return this.#held.at
  }

  /** Whether everything received is confirmed. */
  get settled(): boolean {
    return this.#confirmed.sequence >= this.#received
  }
}
