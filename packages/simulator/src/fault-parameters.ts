import { CONNECT_TARGETS } from './armed-faults.ts'
import { SimulatorError } from './errors.ts'
import type { Platform } from './facts.ts'
import type { FaultRequest } from './fault.ts'
import { given } from './given.ts'
import type { FaultParameter } from './listed-fault.ts'

type About = Omit<FaultParameter, 'name' | 'optional'>

// No timer waits longer than 24 days.
const A_DAY = { least: 0, most: 86_400_000 }

/** Fields by name. What is left out has the default; what must be given has an example. */
const FIELDS: Readonly<Record<Exclude<keyof FaultRequest, 'fault' | 'platform'>, About>> = {
  bot: { means: 'only this bot', type: 'bot' },
  code: { means: 'close code', type: 'number', least: 1_000, most: 4_999, example: 4_000 },
  resumable: { means: 'sessions may be resumed', type: 'flag', default: false },
  shard: { means: 'only this shard', type: 'number', least: 0, most: 100_000 },
  lost: { means: 'what happens meanwhile never comes', type: 'flag', default: false },
  forMs: { means: 'how long', type: 'number', unit: 'ms', ...A_DAY, example: 10_000 },
  ms: { means: 'how late', type: 'number', unit: 'ms', ...A_DAY, example: 2_000 },
  target: { means: 'which address', type: 'text' },
  method: { means: 'only this method or route', type: 'text' },
  status: { means: 'HTTP status', type: 'number', least: 400, most: 599, example: 503 },
  retryAfterS: { means: 'wait asked for with 429', type: 'number', unit: 's', least: 0, default: 1 },
  error: { means: 'error word', type: 'text', example: 'missing_scope' },
  count: { means: 'how many', type: 'number', least: 1, most: 10_000, default: 1 },
}

/** The fields that `takes` names, on this platform. */
export function parametersOf(takes: readonly string[], platform: Platform): readonly FaultParameter[] {
  return takes.map((taken) => {
    const name = taken.replace('?', '')
    const optional = taken.endsWith('?')
    const { default: left, example, ...about } = aboutField(name)
    const choices = name === 'target' ? CONNECT_TARGETS[platform] : undefined
    const value = optional ? { default: left } : { example }
    return given({ name, ...about, choices, optional, ...value })
  })
}

/** Throws `SimulatorError` for a number that no fault can mean. */
export function refuseOutOfBounds(ask: FaultRequest): void {
  refuseUnsendable(ask)
  for (const [name, value] of Object.entries(ask)) {
    const { least = 0, most = Number.MAX_SAFE_INTEGER } = aboutField(name)
    if (typeof value !== 'number' || (value >= least && value <= most)) continue
    const bounds = `from ${least} to ${most}`
    throw new SimulatorError(
      'bad-request',
      `fault "${ask.fault}": "${name}" must be a number ${bounds}, not ${value}`,
    )
  }
}

/**
 * A close frame can't carry just any code: 1005, 1006 and 1015 say that there was none, 1004 and those up to 2999 are reserved.
 * Source: RFC 6455, 7.4
 */
function refuseUnsendable({ fault, code }: FaultRequest): void {
  if (code === undefined || code >= 3_000 || (code <= 1_014 && ![1_004, 1_005, 1_006].includes(code))) return
  throw new SimulatorError(
    'bad-request',
    `fault "${fault}": no close frame can carry ${code}: use 1000 to 1014 without 1004 to 1006, or 3000 to 4999`,
  )
}

/** A field that no table has is a text. */
function aboutField(name: string): About {
  const fields: Readonly<Record<string, About>> = FIELDS
  return fields[name] ?? { means: name, type: 'text' }
}
