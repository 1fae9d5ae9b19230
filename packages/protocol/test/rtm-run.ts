import {
  idleRtm,
  type RtmEffect,
  type RtmInput,
  type RtmState,
  type RtmTimer,
  readRtmFrame,
  stepRtm,
} from '../src/index.ts'

type Unstamped<Input> = Input extends { generation: number } ? Omit<Input, 'generation'> : Input
export type RtmScript = Unstamped<RtmInput>

const UNSTAMPED: ReadonlySet<string> = new Set(['start', 'stop'])

/** An RTM connection that is fed inputs and keeps what it answered. */
export class RtmRun {
  state: RtmState = idleRtm
  effects: RtmEffect[] = []

  /** Feeds inputs, each under the current generation unless it names another; keeps only their effects. */
  feed(...inputs: (RtmScript | RtmInput)[]): this {
    this.effects = []
    for (const input of inputs) this.#feedOne(input, 0.5)
    return this
  }

  feedWith(random: number, input: RtmScript | RtmInput): this {
    this.effects = []
    this.#feedOne(input, random)
    return this
  }

  all<Kind extends RtmEffect['kind']>(kind: Kind): Extract<RtmEffect, { kind: Kind }>[] {
    return this.effects.filter((effect) => effect.kind === kind) as Extract<RtmEffect, { kind: Kind }>[]
  }

  #feedOne(input: RtmScript | RtmInput, random: number): void {
    const stamp = !UNSTAMPED.has(input.kind) && !('generation' in input)
    const stamped = (stamp ? { ...input, generation: this.state.memory.generation } : input) as RtmInput
    const { state, effects } = stepRtm(this.state, stamped, random)
    this.state = state
    this.effects.push(...effects)
  }
}

export const start: RtmScript = { kind: 'start' }
export const stop: RtmScript = { kind: 'stop', why: 'told to stop' }
export const address: RtmScript = { kind: 'addressGiven', url: 'wss://rtm.slack.example/link' }
export const opened: RtmScript = { kind: 'socketOpened' }
export const hello = frame({ type: 'hello' })
export const goodbye = frame({ type: 'goodbye' })
export const closed: RtmScript = { kind: 'socketClosed', code: 1006, reason: '' }

export function frame(value: unknown): RtmScript {
  const text = JSON.stringify(value)
  return { kind: 'frame', frame: readRtmFrame(text), text }
}

export function message(ts: string): RtmScript {
  return frame({ type: 'message', channel: 'C1', user: 'U1', text: 'hi', ts })
}

export function pong(id: number): RtmScript {
  return frame({ type: 'pong', reply_to: id })
}

export function refused(error: string, retryAfterMs?: number): RtmScript {
  return { kind: 'addressRefused', error, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

export function timer(name: RtmTimer): RtmScript {
  return { kind: 'timer', timer: name }
}

export function connectedRtm(): RtmRun {
  return new RtmRun().feed(start, address, opened, hello)
}
