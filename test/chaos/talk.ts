import { sleep, systemClock } from '@holdfast/runtime'
import type { Simulator, SimulatorAddresses } from '@holdfast/simulator'
import { type Mode, textOf } from './numbered.ts'

const TICK_MS = 40
/** One in so many is to be answered. */
const ASK_EVERY = 3

/** What people say on both platforms: an even stream over all channels, and single messages that a scenario wants. */
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

  /** The same on both platforms, in the channels of this place; answers the text. */
  say(mode: Mode, options: { readonly ms?: number; readonly channel?: number } = {}): string {
    const text = this.#next(mode, options.ms)
    this.#sayOn('slack', text, options.channel ?? 0)
    this.#sayOn('discord', text, options.channel ?? 0)
    return text
  }

  async #run(perSecond: number): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    for (let said = 0; !this.#isOver; await sleep(systemClock, TICK_MS)) {
      const dueCount = ((systemClock.monotonicMs() - startedMs) / 1_000) * perSecond
      for (; said < dueCount; said += 1) {
        const mode = said % ASK_EVERY === 0 ? 'ask' : 'note'
        this.#sayOn('slack', this.#next(mode), said)
        this.#sayOn('discord', this.#next(mode), said)
      }
    }
  }

  #next(mode: Mode, ms?: number): string {
    this.#number += 1
    return textOf({ number: this.#number, mode, ...(ms === undefined ? {} : { ms }) })
  }

  #sayOn(platform: 'slack' | 'discord', text: string, turn: number): void {
    const { channels, users } = this.#at[platform]
    const channel = channels[turn % channels.length]?.id ?? ''
    const user = users[turn % users.length]?.id ?? ''
    if (platform === 'slack') this.#simulator.slack.say({ channel, user, text })
    else this.#simulator.discord.say({ channel, user, text })
  }
}
