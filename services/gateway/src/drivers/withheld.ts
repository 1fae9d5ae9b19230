/** Envelopes that were left to Slack and that it delivers no more (monotonic milliseconds). */
export interface GivenUp {
  /** When the first of them came. */
  readonly from: number
  /** When the last of them came. */
  readonly to: number
}

/**
 * Slack delivers again what was not acknowledged, also what nobody was there for: at once, after a minute, after five.
 * https://docs.slack.dev/apis/events-api
 */
export const REDELIVERIES_MS = 5 * 60_000
/** The last of them may come a little late. */
const GIVEN_UP_MS = REDELIVERIES_MS + 30_000
/** Some minutes of a busy workspace. */
const BOUND = 50_000

/**
 * The events that were left to Slack because nothing more could be held, each until Slack has delivered it at a moment with room, or will not
 * any more. That there is room again says nothing of them: where it comes and goes, a redelivery may find none each time. Of more
 * than 50,000 the oldest counts as given up.
 */
export class Withheld {
  /** By event id, in order of arrival: when it came, and whether as a redelivery. */
  readonly #left = new Map<string, { readonly ms: number; readonly isAgain: boolean }>()
  #givenUp: GivenUp | undefined

  /** Left to Slack. `isAgain`: Slack had delivered it before. */
  add(id: string, ms: number, isAgain: boolean): void {
    if (!this.#left.has(id)) this.#left.set(id, { ms, isAgain })
    if (this.#left.size > BOUND) this.#giveUpOldest()
  }

  /** It has come again, and was taken. */
  taken(id: string): void {
    this.#left.delete(id)
  }

  /** When the first came that may be lost and is not told yet. */
  get from(): number | undefined {
    const [oldest] = this.#left.values()
    return this.#givenUp?.from ?? oldest?.ms
  }

  /** Those that Slack delivers no more, if there are any; the caller tells of them. */
  takeGivenUp(nowMs: number): GivenUp | undefined {
    for (const { ms } of this.#left.values()) {
      if (nowMs - ms < GIVEN_UP_MS) break
      this.#giveUpOldest()
    }
    const givenUp = this.#givenUp
    this.#givenUp = undefined
    return givenUp
  }

  #giveUpOldest(): void {
    const [[id, { ms, isAgain }] = ['', { ms: 0, isAgain: false }]] = this.#left
    this.#left.delete(id)
    // It was said before its first delivery.
    const from = isAgain ? ms - GIVEN_UP_MS : ms
    this.#givenUp = { from: Math.min(this.#givenUp?.from ?? from, from), to: ms }
  }
}
