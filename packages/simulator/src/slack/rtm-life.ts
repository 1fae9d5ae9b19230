import type { Clock, Timer } from '../clock.ts'
import type { SlackLimits } from '../limits.ts'
import type { PlatformSocket } from '../socket.ts'

/** What the life of an RTM socket is made of. */
export interface RtmLifeParts {
  readonly clock: Clock
  readonly limits: SlackLimits
  readonly socket: PlatformSocket
  /** When something last happened in the workspace, by the monotonic clock. */
  readonly activeMs: () => number
}

type Deadline = 'age' | 'quiet' | 'url' | 'end'

/**
 * How long an RTM socket stays: it is said goodbye at its greatest age, or when its workspace has been quiet for too
 * long, and closed a while after. Meanwhile it is told reconnect URLs. Source: docs.slack.dev, legacy RTM API, Events,
 * goodbye and reconnect_url.
 */
export class RtmLife {
  readonly #parts: RtmLifeParts
  readonly #timers = new Map<Deadline, Timer>()
  #over = false

  constructor(parts: RtmLifeParts) {
    this.#parts = parts
    const { rtmLifeMs, rtmGoodbyeMs } = parts.limits
    if (rtmLifeMs !== 'off') this.#set('age', rtmLifeMs, () => this.goodbye(rtmGoodbyeMs))
    this.#watchQuiet()
    this.#offerUrls()
  }

  /** Announces the end, which comes after `closeMs`. Until then the socket serves like any other. */
  goodbye(closeMs: number): void {
    this.#parts.socket.send('{"type":"goodbye"}')
    this.#set('end', closeMs, () => this.#parts.socket.close(1000))
  }

  /** The websocket has ended: takes the timers back. */
  ended(): void {
    this.#over = true
    for (const timer of this.#timers.values()) timer.clear()
    this.#timers.clear()
  }

  #watchQuiet(): void {
    const { clock, limits, activeMs } = this.#parts
    if (limits.rtmQuietMs === 'off') return
    const leftMs = activeMs() + limits.rtmQuietMs - clock.monotonicMs()
    if (leftMs <= 0) this.goodbye(limits.rtmGoodbyeMs)
    else this.#set('quiet', leftMs, () => this.#watchQuiet())
  }

  /** "Unsupported and experimental": an address that this Slack does not serve, so that nobody comes to rely on it. */
  #offerUrls(): void {
    const { limits, socket } = this.#parts
    if (limits.rtmReconnectUrlMs === 'off') return
    this.#set('url', limits.rtmReconnectUrlMs, () => {
      const url = `wss://mpmulti-${socket.number}.slack-msgs.com/websocket/simulated`
      socket.send(JSON.stringify({ type: 'reconnect_url', url }))
      this.#offerUrls()
    })
  }

  #set(deadline: Deadline, ms: number, act: () => void): void {
    this.#timers.get(deadline)?.clear()
    if (!this.#over) this.#timers.set(deadline, this.#parts.clock.setTimer(ms, act))
  }
}
