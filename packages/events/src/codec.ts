import type { z } from 'zod'
import { EVENT_VERSION, type EventAttributes, type HoldfastEvent } from './event.ts'
import { fieldAt, isObject, parseJson } from './field.ts'
import { EVENT_SCHEMA } from './schema.ts'

/** An event read from a queue, or one line on what is wrong with it. */
export type Decoded =
  | { readonly ok: true; readonly event: HoldfastEvent }
  /** `newerVersion`: its `hfversion`, where that is why it can't be read: a newer reader can. */
  | { readonly ok: false; readonly problem: string; readonly newerVersion?: number }

/**
 * The event as JSON text, with the payload's own bytes inside. `dataText` must be JSON; it is not looked at.
 */
export function encodeEvent(attributes: EventAttributes, dataText: string): string {
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${dataText}}`
}

/**
 * Reads an event as it lies on a queue: the object that the queue parsed, or the text itself. Attributes it does not know
 * are left out. Never throws; a problem names the attribute and what was expected, and holds nothing of the payload.
 */
export function decodeEvent(value: unknown): Decoded {
  const candidate = typeof value === 'string' ? parseJson(value) : value
  if (candidate === undefined) return refused('an event must be JSON')
  if (!isObject(candidate)) return refused(`an event must be an object, not ${kindOf(candidate)}`)
  const version = candidate.hfversion
  if (typeof version === 'number' && version > EVENT_VERSION) {
    return { ...refused(tooNew(version)), newerVersion: version }
  }
  const result = EVENT_SCHEMA.safeParse(candidate)
  if (result.success) return { ok: true, event: result.data }
  return refused(describe(result.error.issues[0], candidate))
}

function tooNew(version: number): string {
  return `event attribute "hfversion" is ${version}, and this reader knows versions up to ${EVENT_VERSION}: update @holdfast/worker`
}

function describe(issue: z.core.$ZodIssue | undefined, event: unknown): string {
  const attribute = issue?.path.map(String).join('.') ?? ''
  const found = kindOf(fieldAt(event, attribute))
  return `event attribute "${attribute}": ${issue?.message ?? 'expected something else'}, found ${found}`
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'empty text' : 'text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
