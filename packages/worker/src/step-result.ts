import { NonRetryableError } from './errors.ts'

/** A step's result may be this long as JSON. Larger things belong in a store of their own, their key in the step. */
export const MAX_RESULT_BYTES = 256 * 1024

/**
 * A result as it is remembered, wrapped so that "no result" is JSON too. Throws `step-result` where JSON would not give it
 * back as it is, or it is too long. `parent` is the step inside of which it ran.
 */
export function writeResult(key: string, result: unknown, parent?: string): string {
  const problem = jsonProblem(result, 'result', [])
  if (problem) {
    throw new NonRetryableError(`${key} can't be remembered: ${problem}`, undefined, 'step-result')
  }
  const text = JSON.stringify({ result, in: parent })
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_RESULT_BYTES) {
    throw new NonRetryableError(
      `${key} can't be remembered: its result has ${bytes} bytes, ${MAX_RESULT_BYTES} are allowed`,
      undefined,
      'step-result',
    )
  }
  return text
}

/** What was remembered. */
export function readResult<T>(text: string): T {
  return (JSON.parse(text) as { result: T }).result
}

/** The fields of what was noted. What is damaged has none. */
export function readFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** The step inside of which it ran. */
export function readParent(text: string): string | undefined {
  const { in: parent } = readFields(text)
  return typeof parent === 'string' ? parent : undefined
}

/** Why JSON would not give `value` back as it is, or undefined. */
export function jsonProblem(value: unknown, path: string, parents: readonly object[]): string | undefined {
  if (value === undefined && parents.length === 0) return undefined
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== 'object') return `${path} is of type ${typeof value}, not JSON`
  if (parents.includes(value)) return `${path} contains itself`
  const inside = [...parents, value]
  if (Array.isArray(value)) {
    return firstProblem(
      value.map((item, index) => [`${path}[${index}]`, item]),
      inside,
    )
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}, not a plain object`
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return firstProblem(
    fields.map(([name, field]) => [`${path}.${name}`, field]),
    inside,
  )
}

function firstProblem(entries: [string, unknown][], parents: readonly object[]): string | undefined {
  for (const [path, value] of entries) {
    const problem = jsonProblem(value, path, parents)
    if (problem) return problem
  }
  return undefined
}
