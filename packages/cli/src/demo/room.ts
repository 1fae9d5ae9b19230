import { answerOf, quoteIn } from '@holdfast/ledger'
import type { Entry, Platform, Simulator } from '@holdfast/simulator'
import type { SimulatedPlatforms } from './simulated-platforms.ts'

const NAMES: Readonly<Record<Platform, string>> = { slack: 'Slack', discord: 'Discord' }

/** #general on both platforms: where a person at the prompt speaks and hears the bot's answers. */
export class Room {
  readonly #simulator: Pick<Simulator, 'slack' | 'discord' | 'record'>
  readonly #platforms: SimulatedPlatforms
  /** What was said here and is not answered yet. */
  readonly #quotes = new Set<string>()

  constructor(simulator: Pick<Simulator, 'slack' | 'discord' | 'record'>, platforms: SimulatedPlatforms) {
    this.#simulator = simulator
    this.#platforms = platforms
  }

  say(text: string, on: readonly Platform[]): void {
    for (const platform of on) {
      const { channels, user } = this.#platforms[platform]
      const channel = channels[0] ?? ''
      this.#quotes.add(quoteIn(platform, channel, text))
      this.#simulator[platform].say({ channel, user, text })
    }
  }

  /** Tells each answer to what was said here. Returns how to stop. */
  listen(hear: (line: string) => void): () => void {
    return this.#simulator.record.listen((entry) => this.#hear(entry, hear))
  }

  #hear(entry: Entry, hear: (line: string) => void): void {
    if (entry.kind !== 'post') return
    const answer = answerOf(entry)
    if (answer?.to === 'quote' && this.#quotes.delete(answer.quote))
      hear(`[${NAMES[entry.platform]} #general] bot: ${entry.text}`)
  }
}
