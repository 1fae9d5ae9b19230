import {
  idleLink,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  type LinkTimer,
  type LinkTransport,
  linkMachine,
  pingText,
  type SlackFrame,
} from '@holdfast/protocol'
import type { Clock } from '@holdfast/runtime'
import type { ConnectionStatus } from '../ports.ts'
import { MachineLoop } from './machine-loop.ts'
import type { SlackAnswer } from './slack-api.ts'
import type { OpenSocket } from './socket.ts'
import { type SlotEffect, SocketSlot } from './socket-slot.ts'

/** What a link tells its driver, in order. */
export type LinkNews =
  | Exclude<
      LinkEffect,
      | SlotEffect<LinkTimer>
      | { kind: 'callForAddress' }
      | { kind: 'ping' }
      | { kind: 'pong' }
      | { kind: 'closedInTurn' }
    >
  /** Everything that Slack sent on a socket before `sentMs` (Unix milliseconds) has been received. */
  | { readonly kind: 'caughtUp'; readonly sentMs: number }
  /** Slack says hello on a socket; what that means comes next. */
  | { readonly kind: 'hello'; readonly frame: Extract<SlackFrame, { kind: 'hello' }> }
  /** Something was heard while a socket serves. */
  | { readonly kind: 'heard' }
  /** Nothing more can be sent on the socket. */
  | { readonly kind: 'socketClosed'; readonly generation: number }

/** What a link is made of. */
export interface SlackLinkOptions {
  readonly transport: LinkTransport
  readonly clock: Clock
  readonly openSocket: OpenSocket | undefined
  readonly read: (text: string) => SlackFrame
  /** Asks Slack for the address of the next socket. Never rejects. */
  readonly askForAddress: (signal: AbortSignal) => Promise<SlackAnswer>
  readonly onNews: (news: LinkNews) => void
}

interface Proof {
  readonly generation: number
  readonly pingId: number
  readonly resolve: (isProven: boolean) => void
}

/** One link of a Slack connection: the world of `linkMachine`. It decides nothing. */
export class SlackLink {
  readonly #options: SlackLinkOptions
  readonly #slot: SocketSlot<LinkTimer>
  readonly #loop: MachineLoop<LinkState, LinkInput, LinkEffect>
  /** Who waits for the answer to a ping. */
  readonly #proofs = new Set<Proof>()
  #errand = new AbortController()

  constructor(options: SlackLinkOptions) {
    const { transport, clock, openSocket, onNews } = options
    this.#options = options
    this.#slot = new SocketSlot({
      clock,
      openSocket,
      feed: (input) => {
        if (input.kind === 'socketClosed') onNews({ kind: 'socketClosed', generation: input.generation })
        this.#loop.feed(input)
        if (input.kind === 'socketClosed')
          this.#settleProofs(input.generation, Number.POSITIVE_INFINITY, false)
      },
      onText: (text, generation) => this.#onText(text, generation),
      onHeard: (generation) => this.#feedHeard({ kind: 'heard', generation }),
    })
    this.#loop = new MachineLoop(linkMachine(transport), idleLink, clock, (effect) => this.#perform(effect))
  }

  start(): void {
    this.#loop.feed({ kind: 'start' })
  }

  /** Withdraws what was asked of Slack and closes the sockets; what comes until they are closed is still told. */
  stop(why: string): void {
    this.#errand.abort()
    this.#loop.feed({ kind: 'stop', why })
  }

  /** Resolves when nothing of its sockets remains. */
  closed(): Promise<void> {
    return this.#slot.closed()
  }

  /**
   * RTM: resolves to true once everything that Slack had sent when it was called has been told: a ping that goes out now is
   * answered. To false where no socket serves, or it ends first. Bound the wait: Slack may take its time.
   */
  prove(): Promise<boolean> {
    this.#loop.feed({ kind: 'prove' })
    const { state } = this.#loop
    if (!('live' in state)) return Promise.resolve(false)
    const { generation, pingId } = state.live
    return new Promise((resolve) => this.#proofs.add({ generation, pingId, resolve }))
  }

  /** Answers `drain`. */
  drained(generation: number): void {
    this.#loop.feed({ kind: 'drained', generation })
  }

  /** Does nothing where the socket is not open any more. */
  send(text: string, generation: number): void {
    this.#slot.send(text, generation)
  }

  /** The generation of the socket that serves, where one does; in a hand-over the younger. */
  get serving(): number | undefined {
    const { state } = this.#loop
    return 'live' in state ? state.live.generation : undefined
  }

  /** How many of its sockets Slack has said hello on and we have not left. */
  get socketCount(): number {
    const { state } = this.#loop
    if (!('live' in state)) return 0
    return state.kind === 'handingOver' ? 2 : 1
  }

  /** How it looks from outside. */
  get look(): ConnectionStatus['state'] {
    return lookOf(this.#loop.state)
  }

  #onText(text: string, generation: number): void {
    const frame = this.#options.read(text)
    if (frame.kind === 'hello') this.#options.onNews({ kind: 'hello', frame })
    this.#feedHeard({ kind: 'frame', generation, frame, text })
  }

  #feedHeard(input: LinkInput): void {
    this.#loop.feed(input)
    if (this.serving !== undefined) this.#options.onNews({ kind: 'heard' })
  }

  #perform(effect: LinkEffect): void {
    switch (effect.kind) {
      case 'openSocket':
      case 'closeSocket':
      case 'terminateSocket':
      case 'setTimer':
      case 'clearTimer':
      case 'clearTimers':
        return this.#slot.perform(effect)
      case 'callForAddress':
        return this.#call(effect.generation)
      case 'ping':
        return this.#ping(effect)
      case 'pong':
        this.#tellCaughtUp(this.#slot.answered(effect.generation, effect.id))
        return this.#settleProofs(effect.generation, effect.id, true)
      case 'closedInTurn':
        return this.#tellCaughtUp(this.#slot.closeSentMs(effect.generation))
      default:
        return this.#options.onNews(effect)
    }
  }

  #call(generation: number): void {
    this.#errand.abort()
    this.#errand = new AbortController()
    void this.#options.askForAddress(this.#errand.signal).then((answer) => {
      if (!answer.ok) return this.#loop.feed({ ...answer, kind: 'addressRefused', generation })
      const { url } = answer.body
      if (typeof url === 'string') this.#loop.feed({ kind: 'addressGiven', generation, url })
      else this.#loop.feed({ kind: 'addressRefused', generation, error: 'no_url' })
    })
  }

  #ping({ generation, id }: Extract<LinkEffect, { kind: 'ping' }>): void {
    if (this.#options.transport === 'rtm') this.#slot.probe(pingText(id), generation, id)
    else this.#slot.ping(generation)
  }

  #settleProofs(generation: number, pingId: number, isProven: boolean): void {
    for (const proof of this.#proofs) {
      if (proof.generation !== generation || proof.pingId > pingId) continue
      this.#proofs.delete(proof)
      proof.resolve(isProven)
    }
  }

  #tellCaughtUp(sentMs: number | undefined): void {
    if (sentMs !== undefined) this.#options.onNews({ kind: 'caughtUp', sentMs })
  }
}

function lookOf(state: LinkState): ConnectionStatus['state'] {
  switch (state.kind) {
    case 'opening':
      return state.approach.kind === 'backingOff' ? 'waiting' : 'connecting'
    case 'connected':
    case 'leaving':
    case 'handingOver':
    case 'closing':
      return 'connected'
    case 'idle':
    case 'stopped':
      return 'stopped'
    case 'fatal':
      return 'fatal'
    default:
      return state satisfies never
  }
}
