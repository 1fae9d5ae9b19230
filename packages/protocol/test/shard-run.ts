import { idleShard, type ShardEffect, type ShardInput, type ShardState, stepShard } from '../src/index.ts'

/** An input without its generation: the run adds the current one. */
type Unstamped<Input> = Input extends { generation: number } ? Omit<Input, 'generation'> : Input
export type ShardScript = Unstamped<ShardInput>

const STAMPED: ReadonlySet<string> = new Set([
  'located',
  'locateFailed',
  'socketOpened',
  'socketClosed',
  'frame',
  'permitGranted',
  'timer',
])

/** A shard that is fed inputs and keeps what it answered. */
export class ShardRun {
  state: ShardState = idleShard([0, 1])
  effects: ShardEffect[] = []

  /** Feeds inputs, each under the current generation unless it names another; keeps only their effects. */
  feed(...inputs: (ShardScript | ShardInput)[]): this {
    this.effects = []
    for (const input of inputs) this.feedOne(input, 0.5)
    return this
  }

  feedWith(random: number, input: ShardScript | ShardInput): this {
    this.effects = []
    this.feedOne(input, random)
    return this
  }

  /** Effects of one kind, from the last `feed`. */
  all<Kind extends ShardEffect['kind']>(kind: Kind): Extract<ShardEffect, { kind: Kind }>[] {
    return this.effects.filter((effect) => effect.kind === kind) as Extract<ShardEffect, { kind: Kind }>[]
  }

  private feedOne(input: ShardScript | ShardInput, random: number): void {
    const stamped = (
      STAMPED.has(input.kind) && !('generation' in input)
        ? { ...input, generation: this.state.memory.generation }
        : input
    ) as ShardInput
    const { state, effects } = stepShard(this.state, stamped, random)
    this.state = state
    this.effects.push(...effects)
  }
}

export const GATEWAY_URL = 'wss://gateway.discord.example'
export const RESUME_URL = 'wss://resume.discord.example'

export const start: ShardScript = { kind: 'start' }
export const located: ShardScript = { kind: 'located', url: GATEWAY_URL }
export const opened: ShardScript = { kind: 'socketOpened' }
export const granted: ShardScript = { kind: 'permitGranted' }
export const hello: ShardScript = {
  kind: 'frame',
  frame: { kind: 'hello', heartbeatIntervalMs: 40_000 },
}
export const acknowledged: ShardScript = { kind: 'frame', frame: { kind: 'heartbeatAcknowledged' } }
export const reconnectAsked: ShardScript = { kind: 'frame', frame: { kind: 'reconnect' } }

export const full: ShardScript = { kind: 'room', full: true }
export const room: ShardScript = { kind: 'room', full: false }

export function timer(
  name: 'locate' | 'connect' | 'hello' | 'heartbeat' | 'reconnect' | 'hold' | 'drain',
): ShardScript {
  return { kind: 'timer', timer: name }
}

export function closed(code?: number): ShardScript {
  return { kind: 'socketClosed', code, reason: '' }
}

export function invalidSession(resumable: boolean): ShardScript {
  return { kind: 'frame', frame: { kind: 'invalidSession', resumable } }
}

export function dispatch(sequence: number, type = 'MESSAGE_CREATE', data: unknown = {}): ShardScript {
  return {
    kind: 'frame',
    frame: { kind: 'dispatch', type, sequence, dataText: JSON.stringify(data) },
  }
}

export function ready(guildIds: readonly string[] = []): ShardScript {
  return dispatch(1, 'READY', {
    v: 10,
    session_id: 'session-a',
    resume_gateway_url: RESUME_URL,
    user: { id: '100000000000000001' },
    application: { id: '100000000000000002' },
    guilds: guildIds.map((id) => ({ id, unavailable: true })),
  })
}

/** A shard with a fresh session, READY being sequence 1. */
export function connectedShard(guildIds: readonly string[] = []): ShardRun {
  return new ShardRun().feed(start, located, opened, hello, granted, ready(guildIds))
}

/** A shard that has resumed a stored session after sequence 41 and waits for RESUMED. */
export function resumingShard(): ShardRun {
  return new ShardRun().feed({ kind: 'start', session: STORED_SESSION }, opened, hello)
}

export const STORED_SESSION = {
  sessionId: 'session-stored',
  resumeUrl: RESUME_URL,
  sequence: 41,
  shard: [0, 1],
  applicationId: '100000000000000002',
  botUserId: '100000000000000001',
} as const
