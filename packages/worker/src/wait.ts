import type { HoldfastEvent } from '@holdfast/events'
import { didYouMean } from '@holdfast/runtime'
import { checkDuration } from './duration.ts'
import { NonRetryableError } from './errors.ts'
import type { EventOf } from './event-data.ts'
import type { Opening, PauseParts } from './pause.ts'
import { begunKey } from './step-key.ts'
import { readFields } from './step-result.ts'
import { checkReachable, readWaitPattern, type WishedFor } from './wait-pattern.ts'
import { createWait, readWaitEnd, writeWaitEnd } from './wait-spec.ts'
import { checkWhere, type Where } from './where.ts'

/** Which event a handler waits for, and for how long. */
export interface WaitOptions<Pattern extends string = string> {
  /**
   * What the event must contain: of objects every field that is named, of lists each element in some element, else the same
   * value. Data, not a function: it is compared wherever the event is taken. It waits in the conversation of the handler's
   * event, unless `subject` names another; `subject: '*'` is any.
   */
  readonly where?: Where<EventOf<Pattern>>
  /** Then it gives `undefined`. Default 24 h, at most 365 days. */
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 24 * 60 * 60 * 1_000

/** Stored state: when the wait began, until when it lasts, and since when an event may be the one. */
interface WaitNote {
  readonly at: number
  readonly since: number
  readonly deadline: number
}

type End = HoldfastEvent | undefined

/** A wait as a handler asks for it. */
export interface WaitCall {
  readonly key: `wait:${string}`
  readonly pattern: string
  readonly options: WaitOptions
  /** Of the handler's own event. */
  readonly subject: string | undefined
  /** Absent where any event may come. */
  readonly wishedFor: WishedFor | undefined
}

const OPTION_KEYS = ['where', 'timeoutMs'] as const satisfies readonly (keyof WaitOptions)[]

/** Throws for a wait that could never end well: `wait-pattern`, `wait-option`, `wait-where`, `duration`. */
export function checkWait(pattern: string, options: WaitOptions): void {
  readWaitPattern(pattern)
  const unknown = Object.keys(options).find((key) => !OPTION_KEYS.some((known) => known === key))
  if (unknown !== undefined) throw unknownOption(unknown)
  const { where, timeoutMs } = options
  if (where !== undefined) checkWhere(where)
  if (timeoutMs !== undefined) checkDuration('timeoutMs of ctx.waitFor', timeoutMs)
}

function unknownOption(key: string): NonRetryableError {
  const meant = didYouMean(key, OPTION_KEYS) || `; there are ${OPTION_KEYS.join(' and ')}`
  return new NonRetryableError(`option ${key} of ctx.waitFor is unknown${meant}`, undefined, 'wait-option')
}

/** The wait of `call`, which has ended, was begun by an earlier run, or begins now. */
export function openWait(call: WaitCall, parts: PauseParts): Opening<End> | Promise<Opening<End>> {
  const { steps } = parts
  const ended = steps.recorded(call.key)
  if (ended !== undefined) {
    const { event, at } = readWaitEnd(ended)
    return { kind: 'over', at, result: event }
  }
  const begun = readNote(steps.recorded(begunKey(call.key)))
  return begun ? waitUntil(call, begun, true, parts) : beginWait(call, parts)
}

/** What can't be read is as if it were not there: the wait begins anew. */
function readNote(text = ''): WaitNote | undefined {
  const { at, since, deadline } = readFields(text)
  const isNote = typeof at === 'number' && typeof since === 'number' && typeof deadline === 'number'
  return isNote ? { at, since, deadline } : undefined
}

async function beginWait(call: WaitCall, parts: PauseParts): Promise<Opening<End>> {
  const { steps, clock } = parts
  const since = steps.sinceAt
  if (call.wishedFor) await checkReachable(call.pattern, call.wishedFor)
  const at = clock.wallAt()
  const deadline = Math.ceil(at + (call.options.timeoutMs ?? DEFAULT_TIMEOUT_MS))
  const note: WaitNote = { at, since, deadline }
  await steps.note(begunKey(call.key), JSON.stringify(note))
  return waitUntil(call, note, false, parts)
}

function waitUntil(
  call: WaitCall,
  { since, deadline }: WaitNote,
  isOld: boolean,
  { steps }: PauseParts,
): Opening<End> {
  const { key, pattern, options, subject } = call
  const wait = createWait(key, pattern, options.where ?? {}, subject)
  const end = async (): Promise<End> => {
    // Recorded, so that no later run finds an event that came too late for this one.
    await steps.note(key, writeWaitEnd({ event: undefined, at: deadline }))
    return undefined
  }
  const read = (text: string) => readWaitEnd(text).event
  return {
    kind: 'open',
    pause: { key, endsAt: deadline, isOld, awaited: { wait, sinceAt: since }, end, read },
  }
}
