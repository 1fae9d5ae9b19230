import './instruments.css'
import { Icon } from '@holdfast/ui'
import { ChevronDown, ChevronUp } from 'lucide'
import { useState } from 'preact/hooks'
import type { StageMark } from '../../src/page/stage.ts'
import type { StageView } from '../state/stage-view.ts'
import { Ledger } from './ledger.tsx'
import { StageChart } from './stage-chart.tsx'

interface InstrumentsProps {
  readonly stage: StageView
  /** What was done, behind the platforms and to them. */
  readonly marks: readonly StageMark[]
}

/**
 * What became of all that was said: the figures, and how they came about. A small window shows the four tiles until asked
 * for more.
 */
export function Instruments({ stage, marks }: InstrumentsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <section class="instruments" aria-label="Ledger and chart" data-open={isOpen}>
      <Ledger ledger={stage.state.ledger} />
      <button
        type="button"
        class="button instruments-more"
        data-look="quiet"
        aria-expanded={isOpen}
        aria-label="All figures and the chart"
        onClick={() => setOpen(!isOpen)}
      >
        <Icon of={isOpen ? ChevronDown : ChevronUp} />
      </button>
      <StageChart samples={stage.samples} marks={marks} />
    </section>
  )
}
