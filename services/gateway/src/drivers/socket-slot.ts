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
  /** A websocket ping or pong came. */
  readonly onHeard?: (generation: number) => void
}

/** What a machine may ask of its sockets and timers. */
export type SlotEffect<Timer extends string> =
  | SocketEffect<Timer>
  | { readonly kind: 'clearTimer'; readonly timer: Timer }

interface HeldSocket {
  readonly socket: Socket
  readonly probes: Probes
  closeSentMs: number | undefined
  /** Its close has been told. It is forgotten when the next one opens: until then its last effects may ask for it. */
  ended: boolean
}

/**
 * The place of a unit's sockets, by generation, with the timers and probes that go with them. How many live at once is the
 * machine's business; what is asked of a socket that is not held does nothing.
 */
export class SocketSlot<Timer extends string> {
  readonly #options: SlotOptions<Timer>
  readonly #openSocket: OpenSocket
  readonly #timers: Timers<Timer>
  readonly #held = new Map<number, HeldSocket>()
  #newest = 0

  constructor(options: SlotOptions<Timer>) {
    this.#options = options
    this.#openSocket = options.openSocket ?? webSockets(options.clock)
    this.#timers = new Timers(options.clock)
  }

  perform(effect: SlotEffect<Timer>): void {
    switch (effect.kind) {
      case 'openSocket':
        return this.#open(effect.url, effect.generation)
      case 'closeSocket':
        return this.#close(effect.generation, effect.code)
      case 'terminateSocket':
        return this.#held.get(effect.generation)?.socket.terminate()
      case 'setTimer':
        return this.#setTimer(effect)
      case 'clearTimer':
        return this.#timers.clear(effect.timer)
      case 'clearTimers':
        return this.#timers.clearAll()
      default:
        return effect satisfies never
    }
  }

  /** `generation`: here as below, the newest socket unless given. */
  send(text: string, generation = this.#newest): void {
    this.#held.get(generation)?.socket.send(text)
  }

  /** Sends what the other side must answer. `id`: where the answer names it. */
  probe(text: string, generation = this.#newest, id?: number): void {
    this.#held.get(generation)?.probes.sent(id)
    this.send(text, generation)
  }

  /** When the probe that has just been answered was sent (monotonic milliseconds). */
  answered(generation = this.#newest, id?: number): number | undefined {
    return this.#held.get(generation)?.probes.answered(id)
  }

  /** Sends a websocket ping. */
  ping(generation: number): void {
    this.#held.get(generation)?.socket.ping()
  }

  /** When the socket was asked to close, if it was (monotonic milliseconds). */
  closeSentMs(generation: number): number | undefined {
    return this.#held.get(generation)?.closeSentMs
  }

  /** Resolves when nothing of any socket remains. */
  async closed(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ socket }) => socket.closed))
  }

  #open(url: string, generation: number): void {
    const { clock, feed, onText, onHeard } = this.#options
    for (const [older, { ended }] of this.#held) if (ended) this.#held.delete(older)
    this.#newest = generation
    const socket = this.#openSocket(url, {
      onOpen: () => feed({ kind: 'socketOpened', generation }),
      onText: (text) => onText(text, generation),
      onAlive: () => onHeard?.(generation),
      onClose: (code, reason) => {
        held.ended = true
        feed({ kind: 'socketClosed', generation, code, reason })
      },
    })
    const held: HeldSocket = { socket, probes: new Probes(clock), closeSentMs: undefined, ended: false }
    this.#held.set(generation, held)
  }

  #close(generation: number, code: number): void {
    const held = this.#held.get(generation)
    if (!held) return
    held.closeSentMs = this.#options.clock.monotonicMs()
    held.socket.close(code)
  }

  #setTimer({ timer, ms, generation }: Extract<SocketEffect<Timer>, { kind: 'setTimer' }>): void {
    this.#timers.set(timer, ms, () => this.#options.feed({ kind: 'timer', generation, timer }))
  }
}
