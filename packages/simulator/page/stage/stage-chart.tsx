import { type ChartMark, type ChartSeries, formatCount, formatDuration, TimeChart } from '@holdfast/ui'
import { useMemo } from 'preact/hooks'
import type { StageMark, StageSample } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { CHART_SPAN_MS } from '../state/stage-view.ts'

interface StageChartProps {
  readonly samples: readonly StageSample[]
  readonly marks: readonly StageMark[]
}

const HEIGHT_PX = 170

/** How many wait and how long answers take, with every fault at its instant. */
export const StageChart = memo(({ samples, marks }: StageChartProps) => {
  const times = useMemo(() => samples.map(({ at }) => at), [samples])
  const series = useMemo(() => seriesOf(samples), [samples])
  const chartMarks = useMemo(() => marks.map(chartMarkOf), [marks])
  return (
    <TimeChart
      label="Events in the queue and the delay of answers over the last two minutes"
      times={times}
      series={series}
      marks={chartMarks}
      spanMs={CHART_SPAN_MS}
      heightPx={HEIGHT_PX}
    />
  )
})

function seriesOf(samples: readonly StageSample[]): readonly ChartSeries[] {
  return [
    {
      label: 'in the queue',
      colour: '--series-1',
      axis: 'left',
      values: samples.map(({ depth }) => depth ?? null),
      filled: true,
      leastTop: 10,
      format: formatCount,
    },
    {
      label: 'said to answered',
      colour: '--series-2',
      axis: 'right',
      values: samples.map(({ delayMs }) => delayMs),
      leastTop: 400,
      format: formatDuration,
    },
  ]
}

function chartMarkOf({ at, endedAt, label, kind }: StageMark): ChartMark {
  return { at, endedAt, label, tone: kind === 'gap' ? 'gap' : kind === 'roll' ? 'note' : 'fault' }
}
