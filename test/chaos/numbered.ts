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
 */
export type Mode = 'note' | 'ask' | 'long' | 'hang' | 'crash' | 'leave' | 'steps'

export interface Said {
  readonly number: number
  readonly mode: Mode
  /** How long its handler works, where the mode has a length. */
  readonly ms?: number
}

const SAID = /^chaos #(\d+) (note|ask|long|hang|crash|leave|steps)(?: (\d+))?$/
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

/** The text that `answer` answers. */
export function answeredBy(answer: string): string | undefined {
  return answer.startsWith(ANSWER) ? answer.slice(ANSWER.length) : undefined
}
