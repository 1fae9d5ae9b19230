import './instruments.css'
import type { StageView } from '../state/stage-view.ts'
import { Ledger } from './ledger.tsx'
import { StageChart } from './stage-chart.tsx'

/** What became of all that was said: the figures, and how they came about. */
export function Instruments({ stage }: { readonly stage: StageView }) {
  return (
    <section class="instruments" aria-label="Ledger and chart">
      <Ledger ledger={stage.state.ledger} />
      <StageChart samples={stage.samples} marks={stage.marks} />
    </section>
  )
}
