import { sleep, systemClock } from '@holdfast/runtime'
import type { Simulator, SimulatorAddresses } from '@holdfast/simulator'
import { CONNECTIONS, type ConnectionName, channelsOf } from './connections.ts'
import { type Mode, textOf } from './numbered.ts'

const TICK_MS = 40
/** One in so many is to be answered. */
const ASK_EVERY = 3
/** Where people react, they do so to one in so many. */
const REACT_EVERY = 4

interface Posting {
  readonly channel: string
  readonly user: string
  readonly text: string
}

export interface SayOptions {
  /** How long the handler is to work. */
  readonly ms?: number
  /** Which channel of the stream. Default: the last one, where the stream says nothing and so nobody waits behind it. */
  readonly turn?: number
}

/**
 * What people say: an even stream to all three connections, and single messages that a scenario wants. Where it wants that too,
 * they react to some of the stream.
 */
export class Talk {
  readonly #simulator: Simulator
  readonly #at: SimulatorAddresses
  readonly #reacts: boolean
  #number = 0
  #isOver = false
  #isQuiet = false
  #running: Promise<void> = Promise.resolve()

  constructor(simulator: Simulator, at: SimulatorAddresses, reacts = false) {
    this.#simulator = simulator
    this.#at = at
    this.#reacts = reacts
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

  /** Nobody says anything while `meanwhile` runs. */
  async quietly(meanwhile: () => Promise<unknown>): Promise<void> {
    this.#isQuiet = true
    try {
      await meanwhile()
    } finally {
      this.#isQuiet = false
    }
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
    const id = this.#post(platform, said)
    if (this.#reacts && turn !== undefined && turn % REACT_EVERY === 0) this.#react(platform, said, id)
    return `${name} ${text}`
  }

  /** Someone uses the slash command of the bot behind Socket Mode; answers its key in the diary. */
  command(): string {
    this.#number += 1
    const [channel = ''] = channelsOf('socket', this.#at)
    const { bots, users } = this.#at.slack
    const [bot = '', user = ''] = [bots[1]?.userId, users[0]?.id]
    const text = `#${this.#number}`
    this.#simulator.slack.useCommand({ bot, channel, user, command: '/chaos', text })
    return `socket command ${text}`
  }

  /** One thing for each connection, as by `say`; answers the keys. */
  sayToAll(mode: Mode, options: SayOptions = {}): readonly string[] {
    return CONNECTIONS.map((name) => this.say(name, mode, options))
  }

  /** Answers the platform's id of the message. */
  #post(platform: 'slack' | 'discord', said: Posting): string {
    if (platform === 'slack') return this.#simulator.slack.say(said).ts
    return this.#simulator.discord.say(said).message.id
  }

  #react(platform: 'slack' | 'discord', { channel, user }: Posting, id: string): void {
    if (platform === 'slack') this.#simulator.slack.react(channel, user, id, 'wave')
    else this.#simulator.discord.react({ channel, user, message: id, emoji: '👋' })
  }

  async #run(perSecond: number): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    for (let said = 0; !this.#isOver; await sleep(systemClock, TICK_MS)) {
      const dueCount = ((systemClock.monotonicMs() - startedMs) / 1_000) * perSecond
      // What nobody said is not said later.
      if (this.#isQuiet) said = Math.ceil(dueCount)
      for (; said < dueCount; said += 1)
        this.sayToAll(said % ASK_EVERY === 0 ? 'ask' : 'note', { turn: said })
    }
  }
}
