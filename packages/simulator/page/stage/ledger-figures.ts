import { formatCount, formatDuration } from '@holdfast/ui'
import type { Ledger } from '../../src/page/stage.ts'

export interface LedgerFigure {
  readonly field: keyof Ledger
  readonly label: string
  /** The same where there is little room. */
  readonly shortLabel?: string
  /** What it counts, in one sentence. */
  readonly hint: string
  /** `promise`: must stay at 0. `gap`: excused, and told to the bot. `part`: a second line of the tile before it. */
  readonly kind: 'promise' | 'gap' | 'part' | 'count'
  readonly format: (value: number) => string
  /** Behind the value, so that it can stand without its label. */
  readonly unit?: (value: number) => string
  /** Behind the unit, where there is room. */
  readonly unitMore?: string
}

/** In the order of the page. */
export const FIGURES: readonly LedgerFigure[] = [
  promise('lost', 'Lost', 'Nothing waits any more, and still there is no answer.'),
  promise('repeated', 'Repeated', 'Answers beyond the first.'),
  promise('reordered', 'Out of order', 'Begun before an earlier one of the same conversation had ended.'),
  {
    ...count(
      'notRecoverable',
      'Not recoverable',
      'Done while nobody listened, and no history holds it; the bot was told from when to when.',
    ),
    shortLabel: 'Not rec.',
    kind: 'gap',
  },
  {
    ...count('announcedGaps', 'Announced gaps', 'How many such stretches the bot was told of.'),
    kind: 'part',
    unit: (gaps) => (gaps === 1 ? 'gap' : 'gaps'),
    unitMore: ', announced',
  },
  count('sent', 'Sent', 'Messages, reactions, commands and presses of people.'),
  count('handled', 'Handled', 'Those whose handler has ended.'),
  count('backfilled', 'Filled in', 'Of those handled, what the platform’s history had of a gap.'),
  count('answered', 'Answered', 'Those that the bot has answered.'),
  count('waiting', 'Waiting', 'On their way: sent and not yet handled.'),
  {
    ...count('oldestWaitingMs', 'Oldest waiting', 'How long the oldest of those that wait has waited.'),
    shortLabel: 'Oldest',
    format: formatDuration,
  },
]

function promise(field: keyof Ledger, label: string, hint: string): LedgerFigure {
  return { field, label, hint: `${hint} Must stay at zero.`, kind: 'promise', format: formatCount }
}

function count(field: keyof Ledger, label: string, hint: string): LedgerFigure {
  return { field, label, hint, kind: 'count', format: formatCount }
}
