import type { Entry } from '@holdfast/simulator'

type EventEntry = Extract<Entry, { kind: 'event' }>

/**
 * Which events of an app Slack's Socket Mode gave no place in an order, by the simulator's record: those that it had to
 * deliver again, since later ones went ahead of them, and those sent while several sockets of the app were open, since
 * each goes to any one of them.
 */
export class Redeliveries {
  readonly #bot: string
  readonly #redelivered = new Set<string>()
  readonly #givenUp = new Set<string>()
  readonly #subjects = new Map<number, string>()
  readonly #besideOther = new Set<number>()

  constructor(bot: string, record: readonly Entry[]) {
    this.#bot = bot
    const open = new Set<number>()
    let latest = ''
    for (const entry of record) {
      if (entry.kind === 'envelope' && entry.bot === bot) {
        if (entry.attempt === 0 && entry.what !== 'acknowledged') latest = entry.subject
        if (entry.attempt > 0) this.#redelivered.add(entry.subject)
        if (entry.what === 'given-up') this.#givenUp.add(entry.subject)
      } else if (entry.kind === 'socket' && entry.bot === bot) {
        if (entry.what === 'opened') open.add(entry.socket)
        else open.delete(entry.socket)
      } else if (entry.kind === 'event' && this.#isFor(entry)) {
        // Its first delivery is recorded directly before it.
        this.#subjects.set(entry.n, latest)
        if (open.size > 1) this.#besideOther.add(entry.n)
      }
    }
  }

  isUnordered({ n }: EventEntry): boolean {
    return this.#besideOther.has(n) || this.#redelivered.has(this.#subjects.get(n) ?? '')
  }

  /** It was delivered for the last time, and not acknowledged. */
  wasGivenUp({ n }: EventEntry): boolean {
    return this.#givenUp.has(this.#subjects.get(n) ?? '')
  }

  #isFor({ deliveredTo }: EventEntry): boolean {
    return deliveredTo.some(({ bot }) => bot === this.#bot)
  }
}
