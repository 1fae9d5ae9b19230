import type { DeadLetter, DeadLetterInFull } from '@holdfast/queue'
import { duration, instant } from '../status/instants.ts'
import { table } from '../table.ts'

/** A reason is longer than a line, at times. */
const REASON_LENGTH = 100

export const lettersTable = (letters: readonly DeadLetter[], nowAt: number): string[] =>
  table(
    ['QUEUE', 'ID', 'TYPE', 'DIED', 'TRIES', 'REASON'],
    letters.map(({ queue, id, type, diedAt, attemptCount, reason }) => [
      queue,
      id,
      type,
      `${duration(nowAt - diedAt)} ago`,
      String(attemptCount),
      oneLine(reason),
    ]),
  ).slice(1)

/** Instants as RFC 3339. */
export function letterJson<Letter extends DeadLetter>({ enqueuedAt, diedAt, ...letter }: Letter): object {
  return { ...letter, enqueued: instant(enqueuedAt), died: instant(diedAt) }
}

/** One in full: what it is, why it died, what is done of it, its event. */
export function letterPage(letter: DeadLetterInFull, nowAt: number): string[] {
  const { queue, id, type, reason, stack, steps, data, attemptCount, enqueuedAt, diedAt } = letter
  return [
    `${id} of ${queue}`,
    `type      ${type}`,
    `enqueued  ${instant(enqueuedAt)}`,
    `died      ${instant(diedAt)}, ${duration(nowAt - diedAt)} ago`,
    `tries     ${attemptCount}`,
    `steps     ${steps.join(', ') || 'none is done'}`,
    `reason    ${reason}`,
    ...(stack === undefined ? [] : ['', stack]),
    '',
    JSON.stringify(data, null, 2),
  ]
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > REASON_LENGTH ? `${line.slice(0, REASON_LENGTH - 1)}…` : line
}
