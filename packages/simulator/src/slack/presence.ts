import type { SimulatorRecord } from '../record.ts'
import type { SlackBot } from './directory.ts'

/** Who is there: a bot is shown online while it has a socket of either kind, a person unless somebody says otherwise. */
export class SlackPresence {
  readonly #record: SimulatorRecord
  readonly #socketCounts = new Map<string, number>()
  readonly #awayPeople = new Set<string>()
  #onChange: (user: string, presence: 'active' | 'away') => void = () => {}

  constructor(record: SimulatorRecord) {
    this.#record = record
  }

  /** Calls `listener` whenever somebody's presence has changed. */
  onChange(listener: (user: string, presence: 'active' | 'away') => void): void {
    this.#onChange = listener
  }

  /** A person comes or goes. */
  set(user: string, presence: 'active' | 'away'): void {
    if (presence === 'away') this.#awayPeople.add(user)
    else this.#awayPeople.delete(user)
    this.#onChange(user, presence)
  }

  of(bot: SlackBot): 'active' | 'away' {
    return (this.#socketCounts.get(bot.userId) ?? 0) > 0 ? 'active' : 'away'
  }

  ofPerson(user: string): 'active' | 'away' {
    return this.#awayPeople.has(user) ? 'away' : 'active'
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
    this.#onChange(bot.userId, status === 'online' ? 'active' : 'away')
  }
}
