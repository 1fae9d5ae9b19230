import { useId } from 'preact/hooks'
import type { Ledger as LedgerFigures } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { FIGURES, type LedgerFigure } from './ledger-figures.ts'

/** What people said, and what became of it. Three of the figures are the promise: they are loud when they are not 0. What fell into announced gaps stands beside them. */
export const Ledger = memo(({ ledger }: { readonly ledger: LedgerFigures }) => {
  const broken = FIGURES.filter(({ field, kind }) => kind === 'promise' && ledger[field] > 0)
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
  const { field, hint, kind, format, unit, unitMore } = figure
  return (
    <div
      class="ledger-entry"
      data-ledger={field}
      data-value={value}
      data-kind={kind}
      data-promise={kind === 'promise' ? (value === 0 ? 'kept' : 'broken') : undefined}
    >
      <dt tabIndex={kind === 'part' ? undefined : 0} aria-describedby={hintId}>
        <Label of={figure} />
      </dt>
      <dd>
        {format(value)}
        {unit ? ` ${unit(value)}` : null}
        {unitMore === undefined ? null : <span class="ledger-more">{unitMore}</span>}
      </dd>
      <span id={hintId} role="tooltip" class="tooltip">
        {hint}
      </span>
    </div>
  )
}

function Label({ of: { label, shortLabel } }: { readonly of: LedgerFigure }) {
  if (shortLabel === undefined) return label
  return (
    <>
      <span class="ledger-label">{label}</span>
      <span class="ledger-label-short">{shortLabel}</span>
    </>
  )
}
