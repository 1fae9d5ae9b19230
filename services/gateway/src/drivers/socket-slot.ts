import type { SocketEffect, SocketInput } from '@holdfast/protocol'
import type { Clock } from '@holdfast/runtime'
import { Probes } from './probes.ts'
import { type OpenSocket, type Socket, webSockets } from './socket.ts'
import { Timers } from './timers.ts'

/** What a slot opens its sockets with, and whom it tells. */
export interface SlotOptions<Timer extends string> {
  readonly clock: Clock
  readonly openSocket: OpenSocket | undefined
  readonly feed: (input: SocketInput<Timer>) => void
  readonly onText: (text: string, generation: number) => void
}

/** The place of the one socket that a unit may have, with the timers and probes that go with it. */
export class SocketSlot<Timer extends string> {
  readonly #options: SlotOptions<Timer>
  readonly #openSocket: OpenSocket
  readonly #timers: Timers<Timer>
  readonly #probes: Probes
  #socket: Socket | undefined
  #closeSentAt: number | undefined

  constructor(options: SlotOptions<Timer>) {
    this.#options = options
    this.#openSocket = options.openSocket ?? webSockets(options.clock)
    this.#timers = new Timers(options.clock)
    this.#probes = new Probes(options.clock)
  }

  perform(effect: SocketEffect<Timer>): void {
    switch (effect.kind) {
      case 'openSocket':
        return this.#open(effect.url, effect.generation)
      case 'closeSocket':
        return this.#close(effect.code)
      case 'terminateSocket':
        return this.#socket?.terminate()
      case 'setTimer':
        return this.#setTimer(effect)
      case 'clearTimers':
        return this.#timers.clear()
      default:
        return effect satisfies never
    }
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  /** Sends what the other side must answer. */
  probe(text: string): void {
    this.#probes.sent()
    this.send(text)
  }

  /** When the probe that has just been answered was sent. */
  answered(): number | undefined {
    return this.#probes.answered()
  }

  /** When the last socket was asked to close, if it was (Unix milliseconds). */
  get closeSentAt(): number | undefined {
    return this.#closeSentAt
  }

  /** Resolves when nothing of the last socket remains. */
  async closed(): Promise<void> {
    await this.#socket?.closed
  }

  #open(url: string, generation: number): void {
    const { feed, onText } = this.#options
    this.#probes.reset()
    this.#closeSentAt = undefined
    this.#socket = this.#openSocket(url, {
      onOpen: () => feed({ kind: 'socketOpened', generation }),
      onText: (text) => onText(text, generation),
      onClose: (code, reason) => feed({ kind: 'socketClosed', generation, code, reason }),
    })
  }

  #close(code: number): void {
    this.#closeSentAt = this.#options.clock.wallAt()
    this.#socket?.close(code)
  }

  #setTimer({ timer, ms, generation }: Extract<SocketEffect<Timer>, { kind: 'setTimer' }>): void {
    this.#timers.set(timer, ms, () => this.#options.feed({ kind: 'timer', generation, timer }))
  }
}
