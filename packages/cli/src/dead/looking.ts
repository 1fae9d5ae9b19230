import type { DeadLetter, DeadLetters } from '@holdfast/queue'
import { EXIT } from '@holdfast/runtime'
import type { Terminal } from '../command.ts'
import { type ChoiceFlags, choiceOf } from './choice.ts'
import { letterJson, letterPage, lettersTable } from './letters-as-text.ts'
import { plural } from './usage.ts'

/** How it is told. */
export interface Telling {
  readonly json: boolean
  readonly nowAt: number
}

const LIST_LIMIT = 100

/** The dead letters of these subscriptions, the oldest first in each. Resolves with the exit code. */
export async function listLetters(
  letters: DeadLetters,
  subscriptions: readonly string[],
  flags: ChoiceFlags,
  { json, nowAt }: Telling,
  { out }: Terminal,
): Promise<number> {
  const { limit = LIST_LIMIT, ...filter } = choiceOf(flags, nowAt)
  const found: DeadLetter[] = []
  let total = 0
  for (const name of subscriptions) {
    found.push(...(await letters.list(name, { ...filter, limit })).letters)
    total += await letters.count(name)
  }
  if (json) for (const letter of found) out(JSON.stringify(letterJson(letter)))
  else for (const line of [headline(found.length, total), ...lettersTable(found, nowAt)]) out(line)
  return EXIT.clean
}

/** One in full, its event included. Resolves with the exit code. */
export async function showLetter(
  letters: DeadLetters,
  subscription: string,
  id: string,
  { json, nowAt }: Telling,
  { out, err }: Terminal,
): Promise<number> {
  const letter = await letters.show(subscription, id)
  if (!letter) {
    err(
      `holdfast: dead: ${subscription} has no dead letter ${id}; holdfast dead ls ${subscription} shows what it has`,
    )
    return EXIT.crash
  }
  if (json) out(JSON.stringify(letterJson(letter)))
  else for (const line of letterPage(letter, nowAt)) out(line)
  return EXIT.clean
}

function headline(shown: number, total: number): string {
  if (total === 0) return 'No dead letters.'
  return shown === total ? `${plural(total)}:` : `${shown} of ${plural(total)}:`
}
