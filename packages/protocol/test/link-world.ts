import {
  idleLink,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  type LinkTimer,
  type LinkTransport,
  linkMachine,
} from '../src/index.ts'
import { optionsIn } from './link-happenings.ts'
import { frame, on, timer } from './link-run.ts'
import { SlackSide, type SlackSocket } from './slack-side.ts'

/** A socket as the driver sees it. */
export interface OpenedSocket {
  readonly generation: number
  readonly url: string
  /** It has told that it is open. */
  opened: boolean
  /** We asked it to close. */
  told: boolean
  /** Nothing of it remains. */
  gone: boolean
}

/** What one input came to. */
export interface Turn {
  readonly input: LinkInput
  readonly before: LinkState
  readonly effects: readonly LinkEffect[]
  /** Which event the input carried. */
  readonly serial: number | undefined
}

export type Judge = (world: LinkWorld, turn: Turn) => void

/** A link in a world: Slack, the network between, and a driver that does what the machine asks. */
export class LinkWorld {
  readonly transport: LinkTransport
  readonly slack: SlackSide
  readonly machine: ReturnType<typeof linkMachine>
  readonly #judge: Judge
  state: LinkState = idleLink
  /** Counts what happened; the only clock. */
  now = 0
  readonly sockets: OpenedSocket[] = []
  readonly timers = new Map<LinkTimer, number>()
  /** The calls in flight. */
  readonly calls: number[] = []
  readonly draining = new Set<number>()

  constructor(transport: LinkTransport, judge: Judge) {
    this.transport = transport
    this.slack = new SlackSide(transport)
    this.machine = linkMachine(transport)
    this.#judge = judge
  }

  feed(input: LinkInput, serial?: number): void {
    const before = this.state
    const { state, effects } = this.machine(before, input, 0.5)
    this.state = state
    for (const effect of effects) this.#perform(effect)
    this.#judge(this, { input, before, effects, serial })
  }

  /** One of the things that can happen now does: `choice` is any whole number. */
  happen(choice: number): void {
    this.now += 1
    const options = optionsIn(this)
    let at = choice % options.reduce((sum, { weight }) => sum + weight, 0)
    for (const { weight, happen } of options) {
      at -= weight
      if (at < 0) return happen()
    }
  }

  /** Everything that is on its way arrives, and every timer ends, until nothing is left to happen. */
  settle(): void {
    for (let round = 0; round < 60; round++) {
      this.now += 1
      for (const socket of this.slack.sockets) {
        while (!socket.over && socket.toSlack.length > 0) this.slack.read(socket, this.now)
        while (socket.toUs.length > 0) this.deliver(socket)
      }
      for (let one = this.takeDrained(); one !== undefined; one = this.takeDrained())
        this.feed({ kind: 'drained', generation: one })
      const [next] = this.timers
      if (next) this.endTimer(...next)
    }
  }

  /** The next thing that Slack sent on a socket of ours arrives. */
  deliver({ generation, toUs }: SlackSocket): void {
    const parcel = toUs.shift()
    const socket = this.sockets.find((one) => one.generation === generation)
    if (!parcel || !socket || socket.gone) return
    if (parcel.kind === 'close') this.closed(socket, parcel.code)
    else this.feed(on(generation, frame(this.transport, parcel.value)), parcel.serial)
  }

  open(socket: OpenedSocket): void {
    socket.opened = true
    this.feed({ kind: 'socketOpened', generation: socket.generation })
  }

  /** The connection is lost, and we are told. */
  cut(socket: SlackSocket): void {
    this.slack.cut(socket)
    for (const one of this.sockets) if (one.generation === socket.generation) this.closed(one, 1006)
  }

  closed(socket: OpenedSocket, code: number): void {
    if (socket.gone) return
    socket.gone = true
    this.feed({ kind: 'socketClosed', generation: socket.generation, code, reason: '' })
  }

  /** Of the sockets that were asked to, one whose envelopes are all acknowledged now. */
  takeDrained(): number | undefined {
    const [generation] = this.draining
    if (generation !== undefined) this.draining.delete(generation)
    return generation
  }

  endTimer(name: LinkTimer, generation: number): void {
    this.timers.delete(name)
    // Whoever calls again has given the call before up.
    if (name === 'call') this.calls.shift()
    this.feed(on(generation, timer(name)))
  }

  slackSocket(generation: number): SlackSocket | undefined {
    return this.slack.sockets.find((one) => one.generation === generation)
  }

  #perform(effect: LinkEffect): void {
    switch (effect.kind) {
      case 'callForAddress':
        this.calls.push(effect.generation)
        return
      case 'openSocket':
        this.sockets.push({ ...effect, opened: false, told: false, gone: false })
        return
      case 'closeSocket':
      case 'terminateSocket':
        return this.#end(effect)
      case 'ping':
        this.slackSocket(effect.generation)?.toSlack.push(effect.id)
        return
      case 'drain':
        this.draining.add(effect.generation)
        return
      case 'setTimer':
        this.timers.set(effect.timer, effect.generation)
        return
      case 'clearTimer':
        this.timers.delete(effect.timer)
        return
      case 'clearTimers':
        return this.timers.clear()
      default:
        return
    }
  }

  #end({ kind, generation }: Extract<LinkEffect, { kind: 'closeSocket' | 'terminateSocket' }>): void {
    const socket = this.sockets.find((one) => one.generation === generation)
    if (!socket) throw new Error(`there is no socket ${generation}`)
    socket.told = true
    if (kind === 'closeSocket') this.slackSocket(generation)?.toSlack.push('close')
    else socket.gone = true
  }
}

/** The numbers that a state holds. */
export function heldBy(state: LinkState): number[] {
  const held: number[] = []
  if ('approach' in state) held.push(state.approach.generation)
  if ('live' in state) held.push(state.live.generation)
  const olds = 'old' in state ? [state.old] : 'sockets' in state ? state.sockets : []
  for (const old of olds) held.push(old.kind === 'draining' ? old.socket.generation : old.generation)
  return held
}
