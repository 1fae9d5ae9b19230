import type { Gap, GapReason } from '@holdfast/events'
import type { DriverTools } from '../ports.ts'
import { announceGap, type GapAnnouncementTools } from './gap-announcement.ts'
import { toWallAt } from './process-time.ts'
import { nameOf, type SlackBot } from './slack-bot.ts'

/** Whose gaps they are, and where they go. */
export interface RtmGapsOptions extends GapAnnouncementTools, Pick<DriverTools, 'clock'> {
  readonly connection: string
  readonly bot: SlackBot
}

/** A time of which events may be missing (monotonic milliseconds). */
export interface Span {
  readonly from: number
  readonly to: number
  /** Default: nobody was connected. */
  readonly why?: GapReason
  /** How many events are known to be missing, where they were counted. */
  readonly missedCount?: number
}

/** The gaps of one bot over RTM: noted while nothing may be announced, announced, confirmed. */
export class RtmGaps {
  readonly #options: RtmGapsOptions
  #noted: Span | undefined
  /** Where gaps begin that are announced and not confirmed. */
  readonly #open = new Set<number>()

  constructor(options: RtmGapsOptions) {
    this.#options = options
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
  announce({ from, to, why = 'rtm-disconnected', missedCount }: Span, onConfirmed: () => void): void {
    const { connection, bot, clock } = this.#options
    const begun = Math.min(from, to)
    const gap: Gap = {
      platform: 'slack',
      connection,
      bot: nameOf(bot),
      workspace: bot.teamId,
      from: toWallAt(clock, begun),
      to: toWallAt(clock, to),
      why,
      receivedAt: clock.wallAt(),
      missedCount,
    }
    this.#open.add(begun)
    announceGap(gap, this.#options, () => {
      this.#open.delete(begun)
      onConfirmed()
    })
  }

  /** Where the first gap begins that is not confirmed; infinity where none is open. */
  get openFrom(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#open)
  }
}
