/** What stands between the platforms and the handlers at one instant. */
export interface Backlog {
  /** Unix milliseconds. */
  readonly at: number
  /** Events that wait or run; undefined where the queue does not answer. */
  readonly depth: number | undefined
  /** Events that the gateway holds and Redis has not confirmed, and gaps that it still fills in; undefined where it does not answer. */
  readonly unconfirmed: number | undefined
  /** Something is being done to one of the parts. */
  readonly broken: boolean
}

/** Everything stood still for this long: what has not come by now does not come. */
const QUIET_MS = 4_000
/** Nothing was broken for this long: longer than any way back of a dead worker's jobs, whatever else waits. */
const PATIENCE_MS = 60_000
/** Whoever looks later than this after the last look was held up itself, as by a laptop's sleep, and begins anew. */
const HELD_UP_MS = 3_000

/** Decides when there is no hope for an event any more. Pure. */
export class Quiet {
  /** Since when nothing waits and nothing is broken. */
  #quietSinceAt = Number.POSITIVE_INFINITY
  /** Since when nothing is broken and both queue and gateway answer. */
  #wholeSinceAt = Number.POSITIVE_INFINITY
  #nowAt = 0

  observe({ at, depth, unconfirmed, broken }: Backlog): void {
    if (at - this.#nowAt > HELD_UP_MS) this.#beginAnew()
    this.#nowAt = at
    const whole = !broken && depth !== undefined && unconfirmed !== undefined
    const quiet = whole && depth + unconfirmed === 0
    this.#wholeSinceAt = whole ? Math.min(this.#wholeSinceAt, at) : Number.POSITIVE_INFINITY
    this.#quietSinceAt = quiet ? Math.min(this.#quietSinceAt, at) : Number.POSITIVE_INFINITY
  }

  /** Whether an event for which nothing has spoken since this instant (Unix milliseconds) should have been handled by now. */
  isOver(sinceAt: number): boolean {
    const quiet = this.#nowAt - Math.max(this.#quietSinceAt, sinceAt) >= QUIET_MS
    return quiet || this.#nowAt - Math.max(this.#wholeSinceAt, sinceAt) >= PATIENCE_MS
  }

  #beginAnew(): void {
    this.#quietSinceAt = Number.POSITIVE_INFINITY
    this.#wholeSinceAt = Number.POSITIVE_INFINITY
  }
}
