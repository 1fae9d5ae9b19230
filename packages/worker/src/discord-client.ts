import { RateLimitError, REST } from '@discordjs/rest'
import { type Clock, systemClock } from '@holdfast/runtime'

/** How long a call may take. After it, its effect is uncertain. */
export const CALL_TIMEOUT_MS = 10_000

/** A shorter rate limit of Discord is waited out in place, a longer one gives the slot back. */
const MAX_WAIT_IN_PLACE_MS = 2_000

/** A wall clock that is behind by more has been set. */
const SET_BACK_MS = 1_000

/**
 * A client of Discord's REST interface that never tries again by itself. The library remembers limits as wall times, and would
 * keep to them for as long as a clock was set back: so they are forgotten then. Whoever meets that gets a `RateLimitError` that
 * asks for no wait; nothing was sent.
 */
export function discordClient(token: string, apiUrl: string, clock: Clock = systemClock): REST {
  const [, api = apiUrl, version = '10'] = /^(.*?)(?:\/v(\d+))?\/?$/.exec(apiUrl) ?? []
  const watch = new ClockWatch(clock)
  const rest: REST = new REST({
    api,
    version,
    retries: 0,
    timeout: CALL_TIMEOUT_MS,
    rejectOnRateLimit: (limit) => {
      if (Math.max(limit.timeToReset, limit.retryAfter) <= MAX_WAIT_IN_PLACE_MS) return false
      if (!watch.wasSetBack()) return true
      forgetLimits(rest)
      throw new RateLimitError({ ...limit, timeToReset: 1, retryAfter: 1 })
    },
  })
  rest.on('response', () => watch.look())
  return rest.setToken(token)
}

function forgetLimits(rest: REST): void {
  rest.globalReset = -1
  rest.globalDelay = null
  rest.handlers.clear()
}

/** Sees a wall clock that is set back, by the one that can't be. */
class ClockWatch {
  readonly #clock: Clock
  #ahead: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#ahead = this.#difference()
  }

  look(): void {
    this.#ahead = Math.max(this.#ahead, this.#difference())
  }

  /** Since this was last asked, or the beginning. */
  wasSetBack(): boolean {
    this.look()
    const was = this.#ahead
    this.#ahead = this.#difference()
    return this.#ahead < was - SET_BACK_MS
  }

  #difference(): number {
    return this.#clock.wallAt() - this.#clock.monotonicMs()
  }
}
