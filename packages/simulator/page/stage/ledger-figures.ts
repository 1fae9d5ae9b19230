import { formatCount, formatDuration } from '@holdfast/ui'
import type { Ledger } from '../../src/page/stage.ts'

export interface LedgerFigure {
  readonly field: keyof Ledger
  readonly label: string
  /** What it counts, in one sentence. */
  readonly hint: string
  /** Whether it must stay at 0. */
  readonly isPromise: boolean
  readonly format: (value: number) => string
}

/** In the order of the page. */
export const FIGURES: readonly LedgerFigure[] = [
  promise('lost', 'Lost', 'Nothing waits any more, and still there is no answer.'),
  promise('repeated', 'Repeated', 'Answers beyond the first.'),
  promise('reordered', 'Out of order', 'Begun before an earlier one of the same conversation had ended.'),
  count('sent', 'Sent', 'Messages, reactions, commands and presses of people.'),
  count('handled', 'Handled', 'Those whose handler has ended.'),
  count('answered', 'Answered', 'Those that the bot has answered.'),
  count('waiting', 'Waiting', 'On their way: sent and not yet handled.'),
  {
    ...count('oldestWaitingMs', 'Oldest waiting', 'How long the oldest of those that wait has waited.'),
    format: formatDuration,
  },
  count(
    'inAnnouncedGaps',
    'In announced gaps',
    'Said while nobody was connected, where the platform repeats nothing; the bot was told from when to when.',
  ),
  count('announcedGaps', 'Announced gaps', 'How many such stretches the bot was told of.'),
]

function promise(field: keyof Ledger, label: string, hint: string): LedgerFigure {
  return { field, label, hint: `${hint} Must stay at zero.`, isPromise: true, format: formatCount }
}

function count(field: keyof Ledger, label: string, hint: string): LedgerFigure {
  return { field, label, hint, isPromise: false, format: formatCount }
}
