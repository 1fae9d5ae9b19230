import { type Clock, sleep } from '@holdfast/runtime'
import type { SimulatedPlatforms } from './simulated-platforms.ts'
import type { PlatformName, SimulatorClient } from './simulator-client.ts'

const LOOK_MS = 100
const NAMES: Readonly<Record<PlatformName, string>> = { slack: 'Slack', discord: 'Discord' }

/** #general on both platforms: where a person speaks and hears the bot. */
export class Room {
  readonly #client: SimulatorClient
  readonly #platforms: SimulatedPlatforms
  #saidCount = 0
  #answerCount = 0

  constructor(client: SimulatorClient, platforms: SimulatedPlatforms) {
    this.#client = client
    this.#platforms = platforms
  }

  get counts(): { readonly said: number; readonly answered: number } {
    return { said: this.#saidCount, answered: this.#answerCount }
  }

  async say(text: string, on: readonly PlatformName[]): Promise<void> {
    await this.#client.happen(on.map((platform) => this.#message(platform, text)))
    this.#saidCount += on.length
  }

  /** Tells each message of the bot, until `signal` aborts. */
  async listen(hear: (line: string) => void, signal: AbortSignal, clock: Clock): Promise<void> {
    for (let since = 0; !signal.aborted; ) {
      const { entries, next } = await this.#client.record('post', since)
      since = next
      for (const { platform, outcome, text } of entries) {
        if (outcome !== 'created') continue
        this.#answerCount += 1
        hear(`[${NAMES[platform]} #general] bot: ${text}`)
      }
      await sleep(clock, LOOK_MS, signal)
    }
  }

  #message(platform: PlatformName, text: string) {
    const { channels, user } = this.#platforms[platform]
    return { on: `${platform}/message`, body: { channel: channels[0] ?? '', user, text } } as const
  }
}
