import { type ChartSeries, formatCount, formatDuration, TimeChart } from '@holdfast/ui'
import type { Sample } from '../src/feed.ts'
import { spanMs } from './span-choice.tsx'

/** Samples further apart than the coarsest ones: nothing is known of the time between. */
const HOLE_MS = 30_000
/** A console that has just started shows no empty hour. */
const SHORTEST_MS = 60_000
const HEIGHT_PX = 150

interface HistoryChartProps {
  readonly name: string
  readonly samples: readonly Sample[]
}

/** What waited and for how long, over the last while. */
export function HistoryChart({ name, samples }: HistoryChartProps) {
  const rows = withHoles(samples)
  return (
    <TimeChart
      label={`Depth and lag of ${name} over time`}
      times={rows.map(([at]) => at)}
      series={seriesOf(rows)}
      spanMs={Math.min(spanMs.value, Math.max(SHORTEST_MS, lengthOf(rows)))}
      heightPx={HEIGHT_PX}
    />
  )
}

type Row = readonly [at: number, sample: Sample | null]

const lengthOf = (rows: readonly Row[]): number => (rows.at(-1)?.[0] ?? 0) - (rows[0]?.[0] ?? 0)

function seriesOf(rows: readonly Row[]): ChartSeries[] {
  const valuesOf = (pick: (sample: Sample) => number) => rows.map(([, sample]) => sample && pick(sample))
  return [
    {
      label: 'waiting',
      colour: '--series-1',
      axis: 'left',
      values: valuesOf(([, waiting]) => waiting),
      filled: true,
      leastTop: 4,
      format: formatCount,
    },
    {
      label: 'parked',
      colour: '--series-3',
      axis: 'left',
      values: valuesOf(([, , parked]) => parked),
      format: formatCount,
    },
    {
      label: 'lag',
      colour: '--series-2',
      axis: 'right',
      values: valuesOf((sample) => sample[7]),
      leastTop: 1_000,
      format: formatLag,
    },
  ]
}

/** Short enough for an axis. */
function formatLag(ms: number): string {
  if (ms < 60_000) return formatDuration(ms)
  return ms < 3_600_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}

/** A line may not bridge the time in which Redis was away. */
function withHoles(samples: readonly Sample[]): Row[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1]
    const row: Row = [sample[0], sample]
    return before && sample[0] - before[0] > HOLE_MS ? [[before[0] + 1, null], row] : [row]
  })
}
