import { sleep, systemClock } from '@holdfast/runtime'
import type { Simulator, SimulatorAddresses } from '@holdfast/simulator'
import { CONNECTIONS, type ConnectionName, channelsOf } from './connections.ts'
import { type Mode, textOf } from './numbered.ts'

const TICK_MS = 40
/** One in so many is to be answered. */
const ASK_EVERY = 3

export interface SayOptions {
  /** How long the handler is to work. */
  readonly ms?: number
  /** Which channel of the stream. Default: the last one, where the stream says nothing and so nobody waits behind it. */
  readonly turn?: number
}

/** What people say: an even stream to all three connections, and single messages that a scenario wants. */
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

  /** Begins: so many messages a second for each connection. */
  start(perSecond: number): void {
    this.#running = this.#run(perSecond)
  }

  /** Resolves when nothing is said any more. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** Someone says one thing where this connection hears it; answers its key in all evidence. */
  say(name: ConnectionName, mode: Mode, { ms, turn }: SayOptions = {}): string {
    const channels = channelsOf(name, this.#at)
    const place = turn === undefined ? channels.length - 1 : turn % (channels.length - 1)
    this.#number += 1
    const text = textOf({ number: this.#number, mode, ...(ms === undefined ? {} : { ms }) })
    const platform = name === 'discord' ? 'discord' : 'slack'
    const { users } = this.#at[platform]
    const said = { channel: channels[place] ?? '', user: users[this.#number % users.length]?.id ?? '', text }
    this.#simulator[platform].say(said)
    return `${name} ${text}`
  }

  /** One thing for each connection, as by `say`; answers the keys. */
  sayToAll(mode: Mode, options: SayOptions = {}): readonly string[] {
    return CONNECTIONS.map((name) => this.say(name, mode, options))
  }

  async #run(perSecond: number): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    for (let said = 0; !this.#isOver; await sleep(systemClock, TICK_MS)) {
      const dueCount = ((systemClock.monotonicMs() - startedMs) / 1_000) * perSecond
      for (; said < dueCount; said += 1)
        this.sayToAll(said % ASK_EVERY === 0 ? 'ask' : 'note', { turn: said })
    }
  }
}
