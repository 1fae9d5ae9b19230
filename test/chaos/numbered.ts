/*
 * What people say on the chaos stage: `chaos #17 ask`. The number makes each text unique, the word tells the bot what to
 * do with it, and the text is the event's name in all evidence.
 */

/**
 * What the bot does with a message:
 *
 * | mode | handler |
 * |---|---|
 * | `note` | takes some milliseconds |
 * | `ask` | answers |
 * | `long` | works for so many milliseconds, heeds its signal, then answers |
 * | `hang` | never ends in a worker of the first generation; in a later one it answers |
 * | `crash` | kills its process, each time |
 * | `leave` | leaves its lane, then answers |
 * | `steps` | works for so many milliseconds in steps of half a second, then answers |
 * | `nap` | sleeps for so many milliseconds, then answers |
 * | `approve` | asks with a button, waits for so many milliseconds for a press on it, then answers |
 * | `late` | the same, but begins to wait some time after it has asked |
 */
export type Mode = (typeof MODES)[number]

const MODES = [
  ...(['note', 'ask', 'long', 'hang', 'crash', 'leave', 'steps'] as const),
  ...(['nap', 'approve', 'late'] as const),
]
/** Those whose handlers give their lane away. */
const OUTSIDE: ReadonlySet<Mode> = new Set<Mode>(['leave', 'nap', 'approve', 'late'])

export interface Said {
  readonly number: number
  readonly mode: Mode
  /** How long its handler works, where the mode has a length. */
  readonly ms?: number
}

const SAID = new RegExp(`^chaos #(\\d+) (${MODES.join('|')})(?: (\\d+))?$`)
const ANSWER = 'done: '

export function textOf({ number, mode, ms }: Said): string {
  return `chaos #${number} ${mode}${ms === undefined ? '' : ` ${ms}`}`
}

/** What a text asks for; undefined where it is none of ours, as an answer. */
export function readSaid(text: string): Said | undefined {
  const [, number, mode, ms] = SAID.exec(text) ?? []
  if (number === undefined || mode === undefined) return undefined
  return { number: Number(number), mode: mode as Mode, ...(ms === undefined ? {} : { ms: Number(ms) }) }
}

/** Whether the bot is to say something to it, once. */
export function expectsAnswer({ mode }: Said): boolean {
  return mode !== 'note' && mode !== 'crash'
}

/** Whether later events of its conversation may begin before its handler ends. */
export function leavesLane({ mode }: Said): boolean {
  return OUTSIDE.has(mode)
}

/** The text that `answer` answers. */
export function answeredBy(answer: string): string | undefined {
  return answer.startsWith(ANSWER) ? answer.slice(ANSWER.length) : undefined
}
