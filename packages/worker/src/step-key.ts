import { NonRetryableError } from './errors.ts'

/** The remembered parts of one job. The keys are stored state: an older and a newer SDK read each other's. */
export type StepKey = `step:${string}` | `checkpoint:${string}` | ReplyKey | PauseKey

/** Of a reply: its name, or its place in the order of the calls. */
export type ReplyKey = `reply:${string}` | `reply#${number}`

/** Of what puts the handler away: a sleep, or a wait for an event. */
export type PauseKey = `sleep:${string}` | `wait:${string}`

const KEY = /^(?:(?:step|checkpoint|reply|sleep|wait):.{1,200}|reply#\d+)$/s
const REPLY_KEY = /^reply[:#]/

/** Whether a reply was recorded under it. */
export function isReplyKey(key: string): boolean {
  return REPLY_KEY.test(key)
}

/** Whether a handler asked for it by a call; the others are notes of this package. */
export function isStepKey(key: string): key is StepKey {
  return KEY.test(key)
}

/** The key of what `name` names. Throws `step-name` where that is no text of 1 to 200 characters. */
export function namedKey<Kind extends 'step' | 'checkpoint' | 'reply' | 'sleep' | 'wait'>(
  kind: Kind,
  name: string,
): `${Kind}:${string}` {
  const key: `${Kind}:${string}` = `${kind}:${name}`
  if (typeof name === 'string' && isStepKey(key)) return key
  throw new NonRetryableError("a step's name is a text of 1 to 200 characters", undefined, 'step-name')
}

/** Where it is noted that something began. */
export function begunKey(effect: string): string {
  return `begun/${effect}`
}
