import { type HoldfastEvent, matchesPattern, parsePattern } from '@holdfast/events'
import type { Wait } from '@holdfast/queue'
import type { PauseKey } from './step-key.ts'
import { contains } from './where.ts'

/** Raised when an older reader would take another event for the awaited one. */
const SPEC_VERSION = 1

/** Stands for any conversation. */
const ANY_SUBJECT = '*'

/** Of what is stored with a suspended job: how to recognise its event. */
interface Spec {
  readonly v: number
  readonly where: object
}

/** What to wait for. `subject` is that of the handler's own event. */
export function createWait(key: PauseKey, pattern: string, where: object, subject: string | undefined): Wait {
  const { subject: wanted = subject, ...rest }: { subject?: unknown } = where
  const isAny = wanted === ANY_SUBJECT || typeof wanted !== 'string'
  const spec: Spec = { v: SPEC_VERSION, where: rest }
  return { key, pattern, ...(isAny ? {} : { subject: wanted }), spec: JSON.stringify(spec) }
}

/** Whether `event` is the one that is waited for. A wait that another version wrote, and that can't be read, has none. */
export function matchesWait(event: HoldfastEvent, wait: Wait): boolean {
  const pattern = parsePattern(wait.pattern)
  if (!pattern.ok || !matchesPattern(pattern.pattern, event.type)) return false
  if (wait.subject !== undefined && wait.subject !== event.subject) return false
  const spec = readSpec(wait.spec)
  return spec !== undefined && contains(event, spec.where)
}

function readSpec(text: string): Spec | undefined {
  try {
    const spec: Partial<Spec> | null = JSON.parse(text)
    const isKnown = spec?.v === SPEC_VERSION && typeof spec.where === 'object' && spec.where !== null
    return isKnown ? { v: SPEC_VERSION, where: spec.where ?? {} } : undefined
  } catch {
    return undefined
  }
}

/** How a wait ended, as it is remembered: with an event, or without one when its time was over. */
export interface WaitEnd {
  readonly event: HoldfastEvent | undefined
  readonly at: number
}

/** Stored state, a step's result with the instant beside it. */
export function writeWaitEnd({ event, at }: WaitEnd): string {
  return JSON.stringify({ result: event, at })
}

export function readWaitEnd(text: string): WaitEnd {
  const { result, at = 0 } = JSON.parse(text) as { result?: HoldfastEvent; at?: number }
  return { event: result, at }
}
