import type { DeadLetterChoice, DeadLetters } from '@holdfast/queue'
import { EXIT } from '@holdfast/runtime'
import type { Terminal } from '../command.ts'
import { type ChoiceFlags, choiceOf } from './choice.ts'
import { plural, usage } from './usage.ts'

/** Whose dead letters are moved, and which. */
export interface Move {
  readonly subscription: string
  readonly choice: DeadLetterChoice
  readonly json: boolean
}

/**
 * Ids, or a filter, or all in so many words: what is left out by mistake does not mean all.
 *
 * @throws {ProblemError} where it is not said which.
 */
export function chosenBy(
  ids: readonly string[],
  flags: ChoiceFlags & { readonly all?: boolean },
  nowAt: number,
): DeadLetterChoice {
  const filter = choiceOf(flags, nowAt)
  const filtered = Object.keys(filter).length > 0
  if (ids.length > 0 && (filtered || flags.all)) throw usage('give ids, or say by options which; not both')
  if (ids.length > 0) return { ids }
  if (filtered || flags.all) return filter
  throw usage('say which: ids, --type, --reason, --older-than, --limit, or --all')
}

/** Resolves with the exit code. */
export async function retryLetters(
  letters: DeadLetters,
  { subscription, choice, json }: Move,
  terminal: Terminal,
): Promise<number> {
  const count = await letters.retry(subscription, choice)
  if (count === 0 && 'ids' in choice) return noneThere(subscription, terminal)
  terminal.out(
    json ? JSON.stringify({ retried: count }) : `${plural(count)} to run again, outside of the order`,
  )
  return EXIT.clean
}

/** What was not named one by one is asked about first, unless `yes`. Resolves with the exit code. */
export async function dropLetters(
  letters: DeadLetters,
  { subscription, choice, json }: Move,
  yes: boolean,
  terminal: Terminal,
): Promise<number> {
  if (!yes && !('ids' in choice) && !(await mayDrop(letters, subscription, choice, terminal))) {
    terminal.err('holdfast: dead: nothing was dropped')
    return EXIT.crash
  }
  const count = await letters.drop(subscription, choice)
  if (count === 0 && 'ids' in choice) return noneThere(subscription, terminal)
  terminal.out(json ? JSON.stringify({ dropped: count }) : `${plural(count)} dropped`)
  return EXIT.clean
}

async function mayDrop(
  letters: DeadLetters,
  subscription: string,
  choice: Exclude<DeadLetterChoice, { readonly ids: readonly string[] }>,
  { ask }: Terminal,
): Promise<boolean> {
  const limit = choice.limit ?? Math.max(1, await letters.count(subscription))
  const { letters: meant } = await letters.list(subscription, { ...choice, limit })
  const what = `drop ${plural(meant.length)} of ${subscription} for good`
  if (!ask) throw usage(`that would ${what}: add --yes if it shall`)
  return /^y(?:es)?$/i.test((await ask(`This will ${what}. Go on? [y/N] `)).trim())
}

function noneThere(subscription: string, { err }: Terminal): number {
  err(
    `holdfast: dead: ${subscription} has no such dead letter (any more); holdfast dead ls ${subscription} shows what it has`,
  )
  return EXIT.crash
}
