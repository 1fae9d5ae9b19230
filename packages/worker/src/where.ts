import type { HoldfastEvent } from '@holdfast/events'
import { didYouMean } from '@holdfast/runtime'
import { NonRetryableError } from './errors.ts'
import { jsonProblem } from './step-result.ts'

/** A part of an event that an awaited event must contain: any fields of any depth. */
export type Where<Value> = Value extends readonly (infer Item)[]
  ? readonly Where<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Where<Value[Key]> }
    : Value

/** What an event has, as this version knows it. */
const ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'slackcallback',
  'hfversion',
  'platform',
  'connection',
  'workspace',
  'actor',
  'receivedat',
  'delivery',
  'replyto',
  'traceparent',
  'data',
] as const satisfies readonly (keyof HoldfastEvent)[]

/** As JSON. What has to be compared at length is for the handler, after the event came. */
const MAX_WHERE_BYTES = 16 * 1024

/** Deeper than this nothing contains anything. */
const MAX_DEPTH = 64

/**
 * Whether `value` contains `wanted`: of an object every named field, of a list each element in some element, in any order;
 * all else must be equal. Reads own fields only. Both are JSON; numbers beyond 2^53 have lost their last digits in both.
 */
export function contains(value: unknown, wanted: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof wanted !== 'object' || wanted === null) return value === wanted
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(wanted)) {
    return Array.isArray(value) && wanted.every((item) => value.some((own) => contains(own, item, depth + 1)))
  }
  if (Array.isArray(value)) return false
  return Object.entries(wanted).every(
    ([name, field]) => Object.hasOwn(value, name) && contains(Reflect.get(value, name), field, depth + 1),
  )
}

/** Throws `wait-where` unless `where` is a plain object of JSON that says all that it means to. */
export function checkWhere(where: unknown): void {
  const problem = whereProblem(where)
  if (problem === undefined) return
  throw new NonRetryableError(`ctx.waitFor can't look for this: ${problem}`, undefined, 'wait-where')
}

function whereProblem(where: unknown): string | undefined {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    return 'where is no object: name fields of the event, as { actor: event.actor }'
  }
  const subject: unknown = Reflect.get(where, 'subject')
  if (subject !== undefined && typeof subject !== 'string')
    return "where.subject is no text: name a conversation, or '*'"
  const [unknown] = Object.keys(where).filter((name) => !ATTRIBUTES.some((known) => known === name))
  if (unknown !== undefined) {
    return `an event has no ${unknown}${didYouMean(unknown, ATTRIBUTES)}; what is the payload's goes below data: { data: { ${unknown}: … } }`
  }
  const path = undefinedPath(where, 'where', 0)
  if (path === 'deep') return `where is deeper than ${MAX_DEPTH} levels`
  if (path !== undefined) return `${path} is undefined, and would be left out: any event would do`
  const problem = jsonProblem(where, 'where', [])
  if (problem !== undefined) return problem
  const bytes = Buffer.byteLength(JSON.stringify(where))
  return bytes > MAX_WHERE_BYTES
    ? `where has ${bytes} bytes as JSON, ${MAX_WHERE_BYTES} are allowed`
    : undefined
}

/** Where a field says nothing, `deep` where it is too deep to look. */
function undefinedPath(value: unknown, path: string, depth: number): string | undefined {
  if (value === undefined) return path
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_DEPTH) return 'deep'
  for (const [name, field] of Object.entries(value)) {
    const found = undefinedPath(field, `${path}.${name}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
