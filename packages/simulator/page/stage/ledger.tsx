import { useId } from 'preact/hooks'
import type { Ledger as LedgerFigures } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { FIGURES, type LedgerFigure } from './ledger-figures.ts'

/** What people said, and what became of it. Three of the figures are the promise: they are loud when they are not 0. */
export const Ledger = memo(({ ledger }: { readonly ledger: LedgerFigures }) => {
  const broken = FIGURES.filter(({ field, isPromise }) => isPromise && ledger[field] > 0)
  return (
    <div class="ledger">
      <dl aria-label="Ledger">
        {FIGURES.map((figure) => (
          <LedgerEntry key={figure.field} figure={figure} value={ledger[figure.field]} />
        ))}
      </dl>
      <p class="unseen" role="alert">
        {broken.map(({ field, label }) => `${label}: ${ledger[field]}`).join(', ')}
      </p>
    </div>
  )
})

function LedgerEntry({ figure, value }: { readonly figure: LedgerFigure; readonly value: number }) {
  const hintId = useId()
  const { field, label, hint, isPromise, format } = figure
  return (
    <div
      class="ledger-entry"
      data-ledger={field}
      data-value={value}
      data-promise={isPromise ? (value === 0 ? 'kept' : 'broken') : undefined}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the focus shows what the figure counts */}
      <dt tabIndex={0} aria-describedby={hintId}>
        {label}
      </dt>
      <dd>{format(value)}</dd>
      <span id={hintId} role="tooltip" class="tooltip">
        {hint}
      </span>
    </div>
  )
}
