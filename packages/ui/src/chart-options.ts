import type uPlot from 'uplot'
import { MARK_BAND_PX } from './chart-marks.ts'
import { formatTime } from './format.ts'
import { faded, type ResolveColour } from './resolved-colour.ts'
import type { ChartSeries, TimeChartProps } from './time-chart.tsx'
import { axisSplits, axisTop } from './value-axis.ts'

const TIME_GAP_PX = 90
/** A line does not touch the top. */
const HEADROOM = 1.05

/** How uPlot draws a `TimeChart` inside `element`. */
export function chartOptions(
  { series, marks, heightPx }: Pick<TimeChartProps, 'series' | 'marks' | 'heightPx'>,
  element: HTMLElement,
  colour: ResolveColour,
  plugins: uPlot.Plugin[],
): uPlot.Options {
  const { fontFamily } = getComputedStyle(element)
  const ink = { stroke: colour('--ink-faint'), font: `11px ${fontFamily}` }
  const grid = { stroke: colour('--line'), width: 1 }
  const axes = (['left', 'right'] as const).flatMap((axis) => {
    const first = series.find((each) => each.axis === axis)
    return first
      ? [valueAxis(axis, first, { ...ink, ...(axis === 'left' ? { grid } : { grid: { show: false } }) })]
      : []
  })
  return {
    width: element.clientWidth,
    height: heightPx,
    ms: 1,
    ...(marks ? { padding: [MARK_BAND_PX, null, null, null] } : {}),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, auto: false },
      left: { range: fromZero(series, 'left') },
      right: { range: fromZero(series, 'right') },
    },
    axes: [
      {
        ...ink,
        grid: { show: false },
        ticks: { stroke: colour('--line'), width: 1, size: 4 },
        space: TIME_GAP_PX,
        values: (_chart, splits) => splits.map(formatTime),
        size: 26,
      },
      ...axes,
    ],
    series: [{}, ...series.map((each) => line(each, colour))],
    plugins,
  }
}

/** Never upside down, never flat: an idle chart has a scale, too, and small things stay small. */
function fromZero(series: readonly ChartSeries[], axis: ChartSeries['axis']): uPlot.Range.Function {
  const least = Math.max(
    1,
    ...series.filter((each) => each.axis === axis).map(({ leastTop = 1 }) => leastTop),
  )
  return (_chart, _min, max) => [0, axisTop(Math.max(least, (max ?? 0) * HEADROOM))]
}

function valueAxis(axis: 'left' | 'right', { format }: ChartSeries, look: Partial<uPlot.Axis>): uPlot.Axis {
  return {
    ...look,
    scale: axis,
    side: axis === 'left' ? 3 : 1,
    size: 56,
    splits: (_chart, _axis, _min, max) => axisSplits(max),
    ticks: { show: false },
    values: (_chart, splits) => splits.map((value) => format(value)),
  }
}

function line(
  { label, colour: name, axis, filled }: ChartSeries,
  colour: (name: string) => string,
): uPlot.Series {
  const stroke = colour(name)
  return {
    label,
    scale: axis,
    stroke,
    width: 1.75,
    points: { show: false },
    spanGaps: false,
    ...(filled ? { fill: faded(stroke, 16) } : {}),
  }
}
