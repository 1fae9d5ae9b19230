import type { Clock } from '../clock.ts'
import { FixedWindow, type Rate } from '../rates.ts'
import type { SlackBot } from './directory.ts'
import { VERIFICATION_TOKEN } from './event-callback.ts'

const MINUTE_MS = 60_000

/** What comes of an event: it passes, or is dropped, of which the app is told once a minute. */
export type LimitedEvent = 'pass' | 'drop' | 'drop-and-tell'

/** How many events an app gets of a workspace. Source: docs.slack.dev, Events API, Rate limiting. */
export class SlackEventLimit {
  readonly #clock: Clock
  readonly #rate: Rate | 'off'
  readonly #windows = new Map<SlackBot, FixedWindow>()
  readonly #toldMs = new Map<SlackBot, number>()

  constructor(clock: Clock, rate: Rate | 'off') {
    this.#clock = clock
    this.#rate = rate
  }

  take(bot: SlackBot): LimitedEvent {
    if (this.#rate === 'off') return 'pass'
    const window = this.#windows.get(bot) ?? new FixedWindow(this.#clock, this.#rate)
    this.#windows.set(bot, window)
    if (window.take().allowed) return 'pass'
    const now = this.#clock.monotonicMs()
    if (now - (this.#toldMs.get(bot) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return 'drop'
    this.#toldMs.set(bot, now)
    return 'drop-and-tell'
  }
}

/** What the app is told instead of its events: a payload without an inner event. */
export function rateLimitedPayload({ teamId, appId }: SlackBot, at: number): string {
  const minute = Math.floor(at / MINUTE_MS) * 60
  const about = { token: VERIFICATION_TOKEN, type: 'app_rate_limited', team_id: teamId }
  return JSON.stringify({ ...about, minute_rate_limited: minute, api_app_id: appId })
}
