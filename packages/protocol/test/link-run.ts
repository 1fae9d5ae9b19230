import {
  idleLink,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  type LinkTimer,
  type LinkTransport,
  linkMachine,
  readRtmFrame,
  readSocketModeFrame,
} from '../src/index.ts'

type Unstamped<Input> = Input extends { generation: number } ? Omit<Input, 'generation'> : Input
/** An input; without a generation it belongs to the youngest socket. */
export type LinkScript = Unstamped<LinkInput> | LinkInput

const UNSTAMPED: ReadonlySet<string> = new Set(['start', 'stop', 'prove'])

/** A Slack link that is fed inputs and keeps what it answered. */
export class LinkRun {
  readonly transport: LinkTransport
  readonly #machine: ReturnType<typeof linkMachine>
  state: LinkState = idleLink
  effects: LinkEffect[] = []

  constructor(transport: LinkTransport) {
    this.transport = transport
    this.#machine = linkMachine(transport)
  }

  /** Feeds inputs; keeps only their effects. */
  feed(...inputs: LinkScript[]): this {
    this.effects = []
    for (const input of inputs) this.#feedOne(input, 0.5)
    return this
  }

  feedWith(random: number, input: LinkScript): this {
    this.effects = []
    this.#feedOne(input, random)
    return this
  }

  all<Kind extends LinkEffect['kind']>(kind: Kind): Extract<LinkEffect, { kind: Kind }>[] {
    return this.effects.filter((effect) => effect.kind === kind) as Extract<LinkEffect, { kind: Kind }>[]
  }

  /** The effects as short words: the kind, and the socket where one is meant. Timers and log lines are left out. */
  get said(): string[] {
    return this.effects.filter(({ kind }) => !QUIET.has(kind)).map(brief)
  }

  /** The wait of the timer, where one of that name was set. */
  waitMs(timer: LinkTimer): number | undefined {
    return this.all('setTimer').findLast((effect) => effect.timer === timer)?.ms
  }

  #feedOne(input: LinkScript, random: number): void {
    const stamp = !UNSTAMPED.has(input.kind) && !('generation' in input)
    const stamped = (stamp ? { ...input, generation: this.state.memory.generation } : input) as LinkInput
    const { state, effects } = this.#machine(this.state, stamped, random)
    this.state = state
    this.effects.push(...effects)
  }
}

const QUIET: ReadonlySet<string> = new Set(['transition', 'setTimer', 'clearTimer', 'clearTimers'])

/** An effect in a few words. */
export function brief(effect: LinkEffect): string {
  switch (effect.kind) {
    case 'frame':
      return `${effect.generation}: ${nameOf(effect.text)}`
    case 'handedOver':
      return `handedOver ${effect.from} to ${effect.to}`
    case 'malformed':
    case 'fatal':
    case 'disconnected':
    case 'transition':
    case 'clearTimers':
      return effect.kind
    case 'clearTimer':
      return `clearTimer ${effect.timer}`
    case 'setTimer':
      return `setTimer ${effect.timer}`
    case 'closeSocket':
      return `closeSocket ${effect.generation} ${effect.code}`
    case 'ping':
    case 'pong':
      return `${effect.kind} ${effect.generation} #${effect.id}`
    default:
      return `${effect.kind} ${effect.generation}`
  }
}

/** What the tests know a frame by. */
export function nameOf(text: string): string {
  const { ts, envelope_id: id, type } = JSON.parse(text)
  return ts ?? id ?? type
}

export const start: LinkScript = { kind: 'start' }
/** A successor in another process wants to know how far we have caught up. */
export const prove: LinkScript = { kind: 'prove' }
export const stop: LinkScript = { kind: 'stop', why: 'told to stop' }
export const address: LinkScript = { kind: 'addressGiven', url: 'wss://slack.example/link' }
export const opened: LinkScript = { kind: 'socketOpened' }
export const closed: LinkScript = { kind: 'socketClosed', code: 1006, reason: '' }
export const closedInTurn: LinkScript = { kind: 'socketClosed', code: 1000, reason: '' }
export const heard: LinkScript = { kind: 'heard' }
export const drained: LinkScript = { kind: 'drained' }

/** A frame as the transport's reader reads it. */
export function frame(transport: LinkTransport, value: unknown): Extract<LinkScript, { kind: 'frame' }> {
  const text = JSON.stringify(value)
  const read = transport === 'rtm' ? readRtmFrame : readSocketModeFrame
  return { kind: 'frame', frame: read(text), text }
}

export const rtm = (value: unknown) => frame('rtm', value)
export const socketMode = (value: unknown) => frame('socket-mode', value)

export const hello = rtm({ type: 'hello' })
export const goodbye = rtm({ type: 'goodbye' })
export const typing = rtm({ type: 'user_typing', channel: 'C1', user: 'U1' })
export const warning = disconnect('warning')

export function message(ts: string) {
  return rtm({ type: 'message', channel: 'C1', user: 'U1', text: 'hi', ts })
}

export function pong(id: number) {
  return rtm({ type: 'pong', reply_to: id })
}

export function envelope(id: string, type = 'events_api') {
  return socketMode({ envelope_id: id, type, payload: {}, accepts_response_payload: false })
}

export function disconnect(reason: string) {
  return socketMode({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } })
}

export function refused(error: string, retryAfterMs?: number): LinkScript {
  return { kind: 'addressRefused', error, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

export function timer(name: LinkTimer): LinkScript {
  return { kind: 'timer', timer: name }
}

/** The same input, for a socket that is not the youngest. */
export function on(generation: number, input: LinkScript): LinkInput {
  return { ...input, generation } as LinkInput
}

/** A link whose first socket lives. */
export function connectedLink(transport: LinkTransport = 'rtm'): LinkRun {
  return new LinkRun(transport).feed(start, address, opened, hello)
}

/** A link whose first socket said farewell, and whose second is called for. */
export function leavingLink(transport: LinkTransport = 'rtm'): LinkRun {
  return connectedLink(transport).feed(transport === 'rtm' ? goodbye : warning)
}

/** A link whose second socket has just said hello. On RTM the first one has answered the ping that was to prove it whole. */
export function handingOverLink(transport: LinkTransport = 'rtm'): LinkRun {
  const proof = transport === 'rtm' ? [on(1, pong(2))] : []
  return leavingLink(transport).feed(address, ...proof, opened, hello)
}
