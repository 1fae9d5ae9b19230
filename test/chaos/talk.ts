import { sleep, systemClock } from '@holdfast/runtime'
import type { Simulator, SimulatorAddresses } from '@holdfast/simulator'
import { type Mode, textOf } from './numbered.ts'

const TICK_MS = 40
/** One in so many is to be answered. */
const ASK_EVERY = 3

/** What people say on both platforms: an even stream over all channels but the last, and single messages that a scenario wants. */
export class Talk {
  readonly #simulator: Simulator
  readonly #at: SimulatorAddresses
  #number = 0
  #isOver = false
  #running: Promise<void> = Promise.resolve()

  constructor(simulator: Simulator, at: SimulatorAddresses) {
    this.#simulator = simulator
    this.#at = at
  }

  /** Begins: so many messages a second on each platform. Each message on Slack is an event for two connections. */
  start(perSecond: number): void {
    this.#running = this.#run(perSecond)
  }

  /** Resolves when nothing is said any more. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /**
   * Someone says one thing on a platform; answers its text. By default in the last channel, where the stream says nothing,
   * so that nobody waits behind it; `turn` names a channel of the stream.
   */
  say(
    platform: 'slack' | 'discord',
    mode: Mode,
    options: { readonly ms?: number; readonly turn?: number } = {},
  ): string {
    const { channels } = this.#at[platform]
    const text = this.#next(mode, options.ms)
    const place = options.turn === undefined ? channels.length - 1 : options.turn % (channels.length - 1)
    this.#sayIn(platform, text, place)
    return text
  }

  async #run(perSecond: number): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    for (let said = 0; !this.#isOver; await sleep(systemClock, TICK_MS)) {
      const dueCount = ((systemClock.monotonicMs() - startedMs) / 1_000) * perSecond
      for (; said < dueCount; said += 1) {
        const mode = said % ASK_EVERY === 0 ? 'ask' : 'note'
        for (const platform of ['slack', 'discord'] as const)
          this.#sayIn(platform, this.#next(mode), said % (this.#at[platform].channels.length - 1))
      }
    }
  }

  #next(mode: Mode, ms?: number): string {
    this.#number += 1
    return textOf({ number: this.#number, mode, ...(ms === undefined ? {} : { ms }) })
  }

  #sayIn(platform: 'slack' | 'discord', text: string, place: number): void {
    const { channels, users } = this.#at[platform]
    const channel = channels[place]?.id ?? ''
    const user = users[this.#number % users.length]?.id ?? ''
    if (platform === 'slack') this.#simulator.slack.say({ channel, user, text })
    else this.#simulator.discord.say({ channel, user, text })
  }
}
