import type { ArmedFaults, ConnectTarget } from './armed-faults.ts'
import type { Clock } from './clock.ts'
import type { FakeDiscord } from './discord/fake-discord.ts'
import { SimulatorError } from './errors.ts'
import type { FaultHit, Platform } from './facts.ts'
import type { SimulatorRecord } from './record.ts'
import type { FakeSlack } from './slack/fake-slack.ts'

/** One fault asked for. Which fields count is told by `Fault.takes`. */
export interface FaultRequest {
  /** A name of the table in `faults.ts`. */
  readonly fault: string
  readonly platform: Platform
  /** Only this bot (any of its ids); all of the platform when absent. */
  readonly bot?: string
  readonly code?: number
  readonly resumable?: boolean
  /** Only sessions of this shard. */
  readonly shard?: number
  /** What happens meanwhile never comes. */
  readonly lost?: boolean
  readonly forMs?: number
  /** How late frames are. */
  readonly ms?: number
  readonly target?: ConnectTarget
  readonly method?: string
  readonly status?: number
  readonly retryAfterS?: number
  /** A word of Slack's lists of errors. */
  readonly error?: string
  /** How many events, requests, connects or frames; 1 by default. */
  readonly count?: number
}

/** What faults act on. */
export interface FaultWorld {
  readonly slack: FakeSlack
  readonly discord: FakeDiscord
  readonly armed: ArmedFaults
  readonly record: SimulatorRecord
  readonly clock: Clock
}

/** One kind of fault. */
export interface Fault {
  readonly does: string
  /** The fields it reads beside `platform`; those with a `?` may be left out. */
  readonly takes: readonly string[]
  readonly platforms: readonly Platform[]
  /** Finds what it acts on, and touches nothing yet. Throws `SimulatorError` for what it can't mean. */
  readonly aim: (world: FaultWorld, ask: FaultRequest) => Aim
}

/** A fault that is about to happen. */
export interface Aim {
  readonly hit: FaultHit
  readonly act: () => void
}

/** At each of these sockets. */
export function atSockets<Socket>(sockets: readonly Socket[], act: (socket: Socket) => void): Aim {
  return {
    hit: { sockets: sockets.length },
    act: () => {
      for (const socket of sockets) act(socket)
    },
  }
}

/** At what is yet to come. */
export function armed(act: () => void): Aim {
  return { hit: { armed: true }, act }
}

/** A field that the fault can't do without. Throws `SimulatorError` where it is absent. */
export function required<Name extends 'bot' | 'code' | 'error' | 'forMs' | 'ms' | 'status'>(
  ask: FaultRequest,
  name: Name,
): NonNullable<FaultRequest[Name]> {
  const value = ask[name]
  if (value !== undefined) return value as NonNullable<FaultRequest[Name]>
  throw new SimulatorError('bad-request', `fault "${ask.fault}" needs "${name}"`)
}
