import type { GapReason } from '@holdfast/events'
import type { DriverTools } from '../ports.ts'
import type { GapAnnouncementTools } from './gap-announcement.ts'
import { nameOf, type SlackBot } from './slack-bot.ts'
import { SlackGaps, type Span } from './slack-gaps.ts'

/** Whose gaps they are, and where they go. */
export interface RtmGapsOptions extends GapAnnouncementTools, Pick<DriverTools, 'clock'> {
  readonly connection: string
  readonly bot: SlackBot
}

/** A time of which events may be missing (monotonic milliseconds), and why. */
export interface RtmGap extends Span {
  /** Default: nobody was connected. */
  readonly why?: GapReason
  /** How many events are known to be missing, where they were counted. */
  readonly missedCount?: number
}

/** The gaps of one bot over RTM: noted while nothing may be announced, announced, confirmed. */
export class RtmGaps {
  readonly #bot: string
  readonly #gaps: SlackGaps
  #noted: Span | undefined

  constructor(options: RtmGapsOptions) {
    this.#bot = nameOf(options.bot)
    this.#gaps = new SlackGaps({ ...options, teamId: options.bot.teamId })
  }

  /** Keeps a time in mind; several become one that holds them all. */
  note(from: number, to: number): void {
    const { from: earlier, to: later } = this.#noted ?? { from, to }
    this.#noted = { from: Math.min(from, earlier), to: Math.max(to, later) }
  }

  /** What was noted, if anything was; forgets it. */
  takeNoted(): Span | undefined {
    const noted = this.#noted
    this.#noted = undefined
    return noted
  }

  /** Announces a gap that ends now or ended before. `onConfirmed` is called once. */
  announce({ from, to, why = 'rtm-disconnected', missedCount }: RtmGap, onConfirmed: () => void): void {
    this.#gaps.announce({ from, to }, { bot: this.#bot, why, missedCount }, onConfirmed)
  }

  /** Where the first gap begins that is not confirmed; infinity where none is open. */
  get openFrom(): number {
    return this.#gaps.openFrom
  }
}
