import type { Gap, GapReason } from '@holdfast/events'
import type { DriverTools } from '../ports.ts'
import { announceGap, type GapAnnouncementTools } from './gap-announcement.ts'
import { toWallAt } from './process-time.ts'

/** Whose gaps they are, and where they go. */
export interface SlackGapsOptions extends GapAnnouncementTools, Pick<DriverTools, 'clock'> {
  readonly connection: string
  readonly teamId: string
}

/** A time of which events may be missing (monotonic milliseconds). */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What is told of a gap beside its time. */
export interface GapNews {
  /** App id, or what stands for it. */
  readonly bot: string
  readonly why: GapReason
  /** How many events are known to be missing, where they were counted. */
  readonly missedCount?: number | undefined
}

/** The gaps of one Slack bot that are announced and not confirmed: what is stored may not be later than any of them. */
export class SlackGaps {
  readonly #options: SlackGapsOptions
  /** Where they begin (monotonic milliseconds). */
  readonly #open = new Set<number>()

  constructor(options: SlackGapsOptions) {
    this.#options = options
  }

  /** Announces a gap that ends now or ended before. `onConfirmed` is called once. */
  announce({ from, to }: Span, news: GapNews, onConfirmed: () => void): void {
    const { clock } = this.#options
    const begun = Math.min(from, to)
    this.announceAt({ from: toWallAt(clock, begun), to: toWallAt(clock, to) }, begun, news, onConfirmed)
  }

  /** As `announce`, of a time that Slack has told (Unix milliseconds): told again it must make the same gap. `begun`: the same beginning, monotonic. */
  announceAt(
    { from, to }: Pick<Gap, 'from' | 'to'>,
    begun: number,
    news: GapNews,
    onConfirmed: () => void,
  ): void {
    const { connection, teamId, clock } = this.#options
    const receivedAt = clock.wallAt()
    this.#open.add(begun)
    announceGap(
      { platform: 'slack', connection, workspace: teamId, from, to, receivedAt, ...news },
      this.#options,
      () => {
        this.#open.delete(begun)
        onConfirmed()
      },
    )
  }

  /** Where the first gap begins that is not confirmed (monotonic milliseconds); infinity where none is open. */
  get openFrom(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#open)
  }
}
