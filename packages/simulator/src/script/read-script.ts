import { parseDocument } from 'yaml'
import { SimulatorError } from '../errors.ts'
import { given } from '../given.ts'
import { readFaultStep } from './fault-step.ts'
import type { Script, ScriptDeed, ScriptStep } from './script.ts'
import { StepFields } from './step-fields.ts'

const TIMING = ['at', 'every', 'times'] as const
const DEEDS = ['fault', 'say', 'stream'] as const
const STEP_COUNT = 1_000
// Faster is a load, for which there is `stream`.
const LEAST_EVERY_MS = 10

/**
 * Reads a script: YAML or JSON text, or the value of such a text: a list of steps, or an object with `steps`. Throws
 * `SimulatorError` with one line that names the step and says what to write.
 */
export function readScript(source: string | object): Script {
  const value = typeof source === 'string' ? parse(source) : source
  const steps = Array.isArray(value) ? value : new StepFields(value, 'script').get('steps')
  if (!Array.isArray(steps)) throw bad('script: write a list of steps, or "steps:" with a list below it')
  if (steps.length > STEP_COUNT) throw bad(`script: ${steps.length} steps; ${STEP_COUNT} at most`)
  return { steps: steps.map((step, index) => readStep(step, index + 1)) }
}

function parse(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true })
  const [error] = document.errors
  if (!error) return document.toJS()
  const [line = ''] = error.message.split('\n')
  throw bad(`script: neither YAML nor JSON: ${line.replace(/:$/, '')}`)
}

function readStep(value: unknown, number: number): ScriptStep {
  const fields = new StepFields(value, `step ${number}`)
  const everyMs = fields.get('every') === undefined ? undefined : fields.durationMs('every')
  if (everyMs !== undefined && everyMs < LEAST_EVERY_MS)
    throw fields.wrong(`"every" is too short; write ${LEAST_EVERY_MS}ms or more, or use stream`)
  const atMs = fields.get('at') === undefined ? everyMs : fields.durationMs('at')
  if (atMs === undefined) throw fields.wrong('says not when; write "at: 5s", "every: 30s", or both')
  const times = fields.get('times') === undefined ? undefined : fields.number('times', 1, 1_000_000)
  if (times !== undefined && everyMs === undefined)
    throw fields.wrong('"times" needs "every"; write how far apart')
  return given({ number, atMs, everyMs, times, deed: readDeed(fields) })
}

function readDeed(fields: StepFields): ScriptDeed {
  const named = DEEDS.filter((deed) => fields.get(deed) !== undefined)
  if (named.length !== 1) {
    const found = named.length === 0 ? 'does nothing' : `does ${named.join(' and ')} at once`
    const others = fields.keys.filter((key) => !isTiming(key))
    const hint = named.length === 0 && others.length > 0 ? ` (it has ${others.join(', ')})` : ''
    throw fields.wrong(`${found}${hint}; write one of ${DEEDS.join(', ')}`)
  }
  if (named[0] === 'fault') return { kind: 'fault', ask: readFaultStep(fields, TIMING) }
  return named[0] === 'say' ? readSaying(fields) : readStream(fields)
}

function readSaying(fields: StepFields): ScriptDeed {
  fields.refuseOthers([...TIMING, 'say', 'platform', 'channel', 'user'], 'say')
  const [channel, user] = [fields.optionalText('channel'), fields.optionalText('user')]
  return given({ kind: 'say', platform: fields.platform(), text: fields.text('say'), channel, user })
}

function readStream(fields: StepFields): ScriptDeed {
  fields.refuseOthers([...TIMING, 'stream'], 'a step with stream')
  const stream = new StepFields(fields.get('stream'), fields.within('stream'))
  stream.refuseOthers(['platform', 'rate', 'for'], 'stream')
  const rate = stream.number('rate', 0.01, 1_000)
  return { kind: 'stream', platform: stream.platform(), rate, forMs: stream.durationMs('for') }
}

function isTiming(key: string): boolean {
  return (TIMING as readonly string[]).includes(key)
}

function bad(message: string): SimulatorError {
  return new SimulatorError('bad-request', message)
}
