import type { Clock } from '@holdfast/runtime'
import { Probes } from './probes.ts'
import { type OpenSocket, type Socket, webSockets } from './socket.ts'
import { Timers } from './timers.ts'

/** What a slot tells its machine, each with the generation it belongs to. */
export type SlotInput<Timer extends string> =
  | { readonly kind: 'socketOpened'; readonly generation: number }
  | {
      readonly kind: 'socketClosed'
      readonly generation: number
      readonly code: number | undefined
      readonly reason: string
    }
  | { readonly kind: 'timer'; readonly generation: number; readonly timer: Timer }

/** What both machines ask of a slot. */
export type SlotEffect<Timer extends string> =
  | { readonly kind: 'openSocket'; readonly generation: number; readonly url: string }
  | { readonly kind: 'closeSocket'; readonly generation: number; readonly code: number }
  | { readonly kind: 'terminateSocket'; readonly generation: number }
  | {
      readonly kind: 'setTimer'
      readonly timer: Timer
      readonly ms: number
      readonly generation: number
    }
  | { readonly kind: 'clearTimers' }

export interface SlotOptions<Timer extends string> {
  readonly clock: Clock
  readonly openSocket: OpenSocket | undefined
  readonly feed: (input: SlotInput<Timer>) => void
  readonly onText: (text: string, generation: number) => void
}

/** The place of the one socket that a unit may have, with the timers and probes that go with it. */
export class SocketSlot<Timer extends string> {
  readonly #options: SlotOptions<Timer>
  readonly #openSocket: OpenSocket
  readonly #timers: Timers<Timer>
  readonly #probes: Probes
  #socket: Socket | undefined

  constructor(options: SlotOptions<Timer>) {
    this.#options = options
    this.#openSocket = options.openSocket ?? webSockets(options.clock)
    this.#timers = new Timers(options.clock)
    this.#probes = new Probes(options.clock)
  }

  perform(effect: SlotEffect<Timer>): void {
    switch (effect.kind) {
      case 'openSocket':
        return this.#open(effect.url, effect.generation)
      case 'closeSocket':
        return this.#socket?.close(effect.code)
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

  /** Resolves when nothing of the last socket remains. */
  async closed(): Promise<void> {
    await this.#socket?.closed
  }

  #open(url: string, generation: number): void {
    const { feed, onText } = this.#options
    this.#probes.reset()
    this.#socket = this.#openSocket(url, {
      onOpen: () => feed({ kind: 'socketOpened', generation }),
      onText: (text) => onText(text, generation),
      onClose: (code, reason) => feed({ kind: 'socketClosed', generation, code, reason }),
    })
  }

  #setTimer({ timer, ms, generation }: Extract<SlotEffect<Timer>, { kind: 'setTimer' }>): void {
    this.#timers.set(timer, ms, () => this.#options.feed({ kind: 'timer', generation, timer }))
  }
}
