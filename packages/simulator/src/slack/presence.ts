import type { SimulatorRecord } from '../record.ts'
import type { SlackBot } from './directory.ts'

/** Whether a bot is shown online: while it has a socket of either kind. */
export class SlackPresence {
  readonly #record: SimulatorRecord
  readonly #socketCounts = new Map<string, number>()

  constructor(record: SimulatorRecord) {
    this.#record = record
  }

  /** A socket of the bot was opened. */
  came(bot: SlackBot): void {
    if (this.#count(bot, 1) === 1) this.#show(bot, 'online')
  }

  /** A socket of the bot has ended. */
  went(bot: SlackBot): void {
    if (this.#count(bot, -1) === 0) this.#show(bot, 'offline')
  }

  #count({ userId }: SlackBot, by: 1 | -1): number {
    const count = (this.#socketCounts.get(userId) ?? 0) + by
    this.#socketCounts.set(userId, count)
    return count
  }

  #show(bot: SlackBot, status: 'online' | 'offline'): void {
    this.#record.write({ kind: 'presence', platform: 'slack', bot: bot.userId, status })
  }
}
