import { type Clock, sleep } from '@holdfast/runtime'
import type { SimulatedPlatforms } from '../demo/simulated-platforms.ts'
import type { Happening, SimulatorClient } from '../demo/simulator-client.ts'
import { type CorpusPayload, conversationOf, FreshIdentities } from './corpus.ts'
import type { PayloadNote } from './evidence.ts'
import { type NumberedMessage, numberedText } from './numbered.ts'

const TICK_MS = 50
/** One in so many is a recorded payload; the others are numbered messages. */
const PAYLOAD_EVERY = 4

export interface StreamOptions {
  readonly client: Pick<SimulatorClient, 'happen'>
  readonly platforms: SimulatedPlatforms
  readonly payloads: readonly CorpusPayload[]
  readonly perSecond: number
  readonly clock: Clock
}

/** The load: recorded payloads with fresh identities, and numbered messages round robin over all channels. */
export class Stream {
  /** The payloads sent, in order. */
  readonly notes: PayloadNote[] = []
  readonly #options: StreamOptions
  readonly #identities: FreshIdentities
  readonly #places: readonly Pick<NumberedMessage, 'platform' | 'channel'>[]
  #count = 0

  constructor(options: StreamOptions) {
    this.#options = options
    this.#identities = new FreshIdentities(options.clock)
    const { slack, discord } = options.platforms
    this.#places = slack.channels.flatMap((channel, index) => [
      { platform: 'slack', channel },
      { platform: 'discord', channel: discord.channels[index] ?? channel },
    ])
  }

  get count(): number {
    return this.#count
  }

  /**
   * Sends at an even pace until at least `least` are sent and `enough` says so, or `signal` aborts. A pace that can't be
   * kept is caught up.
   */
  async run(least: number, enough: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock, perSecond, client } = this.#options
    const startedMs = clock.monotonicMs()
    while (!signal.aborted && (this.#count < least || !enough())) {
      await sleep(clock, TICK_MS, signal)
      const dueCount = ((clock.monotonicMs() - startedMs) / 1_000) * perSecond
      const batch: Happening[] = []
      while (this.#count < dueCount) batch.push(this.#next())
      await client.happen(batch)
    }
  }

  #next(): Happening {
    const { payloads } = this.#options
    const place = this.#count
    this.#count += 1
    const payloadCount = Math.floor(place / PAYLOAD_EVERY)
    const payload = payloads[payloadCount % payloads.length]
    if (place % PAYLOAD_EVERY === 0 && payload) return this.#payload(payload, `payload-${payloadCount}`)
    return this.#message(place - payloadCount - 1)
  }

  #payload(recorded: CorpusPayload, key: string): Happening {
    const payload = this.#identities.renew(recorded, key)
    const { platform, type } = payload
    this.notes.push({ key, platform, type, conversation: conversationOf(payload) })
    const { slack, discord } = this.#options.platforms
    return payload.platform === 'slack'
      ? { on: 'slack/frame', body: { bot: slack.bot, frame: JSON.stringify({ type, ...payload.frame }) } }
      : { on: 'discord/dispatch', body: { bot: discord.bot, t: type, d: JSON.stringify(payload.data) } }
  }

  #message(index: number): Happening {
    const { length } = this.#places
    const { platform, channel } = this.#places[index % length] ?? { platform: 'slack', channel: '' }
    const text = numberedText({ platform, channel, number: Math.floor(index / length) + 1 })
    return {
      on: `${platform}/message`,
      body: { channel, user: this.#options.platforms[platform].user, text },
    }
  }
}
