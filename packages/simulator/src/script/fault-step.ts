import type { FaultRequest } from '../fault.ts'
import { listFaults } from '../faults.ts'
import type { FaultParameter } from '../listed-fault.ts'
import { DURATION_EXAMPLES, readDurationMs } from './duration.ts'
import type { StepFields } from './step-fields.ts'

const UNIT_MS = { ms: 1, s: 1_000 } as const

/** Reads the fault of a step, with everything that the fault takes. `timing`: keys that are not the fault's. */
export function readFaultStep(fields: StepFields, timing: readonly string[]): FaultRequest {
  const fault = fields.text('fault')
  const listed = listFaults()[fault]
  if (!listed) throw fields.wrong(`no fault "${fault}"; write one of ${Object.keys(listFaults()).join(', ')}`)
  const platform = fields.platform()
  const parameters = listed.parameters[platform]
  if (!parameters) throw fields.wrong(`fault "${fault}" needs platform ${listed.platforms.join(' or ')}`)
  const names = parameters.map(({ name }) => name)
  fields.refuseOthers([...timing, 'fault', 'platform', ...names], `fault "${fault}"`)
  const values = parameters.flatMap((parameter) => {
    const value = readParameter(fields, parameter)
    return value === undefined ? [] : [[parameter.name, value] as const]
  })
  return { fault, platform, ...Object.fromEntries(values) }
}

function readParameter(fields: StepFields, parameter: FaultParameter): number | string | boolean | undefined {
  const { name, type, optional, choices } = parameter
  const value = fields.get(name)
  if (value === undefined && optional) return undefined
  if (type === 'number') return readNumber(fields, parameter)
  if (type === 'flag') {
    if (typeof value === 'boolean') return value
    throw fields.wrong(`"${name}" is ${JSON.stringify(value)}; write true or false`)
  }
  const text = fields.text(name)
  if (!choices || choices.includes(text)) return text
  throw fields.wrong(`"${name}" is "${text}"; write ${choices.join(' or ')}`)
}

/** What has a unit may also be written as a duration. */
function readNumber(fields: StepFields, { name, unit, least = 0, most }: FaultParameter): number {
  const durationMs = unit && readDurationMs(fields.get(name))
  if (unit && durationMs !== undefined) return durationMs / UNIT_MS[unit]
  if (unit && typeof fields.get(name) !== 'number')
    throw fields.wrong(`"${name}" is not a duration; write ${DURATION_EXAMPLES}, or a number of ${unit}`)
  return fields.number(name, least, most ?? Number.MAX_SAFE_INTEGER)
}
