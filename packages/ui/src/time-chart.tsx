import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { type ChartMark, marksPlugin } from './chart-marks.ts'
import { chartOptions } from './chart-options.ts'
import { formatTime } from './format.ts'
import { coloursOf } from './resolved-colour.ts'
import { shownTheme } from './theme.ts'

/** One line of a chart. */
export interface ChartSeries {
  readonly label: string
  /** A custom property of tokens.css: `--series-1`. */
  readonly colour: `--${string}`
  /** Series of one axis share its scale. */
  readonly axis: 'left' | 'right'
  /** One value for each time; null leaves a hole. */
  readonly values: readonly (number | null)[]
  readonly filled?: boolean
  /** Its axis reaches at least this far, so that small values look small; 1 by default. */
  readonly leastTop?: number
  /** For the axis and the legend. */
  readonly format: (value: number) => string
}

export interface TimeChartProps {
  /** What it shows, for those who can't see it. */
  readonly label: string
  /** Unix milliseconds, rising. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly marks?: readonly ChartMark[]
  /** How much time the width shows, ending at the last value. */
  readonly spanMs: number
  readonly heightPx: number
}

/**
 * Lines over time that follow the last value, with marks, in the colours of the theme. The legend tells the values under
 * the pointer.
 */
export function TimeChart(props: TimeChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const chart = useRef<uPlot>(undefined)
  const [pointed, setPointed] = useState<number | null>(null)
  const shape = props.series.map(({ label, colour, axis }) => `${label} ${colour} ${axis}`).join()
  const theme = shownTheme.value

  // A canvas has no style sheet: another theme, or other series, are another chart.
  useEffect(() => {
    const element = host.current
    if (!element) return
    const colour = coloursOf(element)
    const plugins = [marksPlugin(() => latest.current.marks ?? [], colour), pointerPlugin(setPointed)]
    const plot = new uPlot(
      chartOptions(latest.current, element, colour, plugins),
      dataOf(latest.current),
      element,
    )
    chart.current = plot
    const resizing = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: latest.current.heightPx }),
    )
    resizing.observe(element)
    return () => {
      resizing.disconnect()
      plot.destroy()
    }
  }, [theme, shape, props.heightPx])

  useEffect(() => {
    const end = props.times.at(-1)
    chart.current?.batch(() => {
      chart.current?.setData(dataOf(props), false)
      if (end !== undefined) chart.current?.setScale('x', { min: end - props.spanMs, max: end })
    })
  }, [props.times, props.series, props.marks, props.spanMs])

  return (
    <figure class="chart" role="img" aria-label={props.label}>
      <Legend times={props.times} series={props.series} at={pointed} />
      <div ref={host} />
    </figure>
  )
}

function Legend({ times, series, at }: Pick<TimeChartProps, 'times' | 'series'> & { at: number | null }) {
  const index = at ?? times.length - 1
  const time = times[index]
  return (
    <figcaption class="chart-legend" aria-hidden="true">
      {series.map(({ label, colour, values, format }) => {
        const value = values[index]
        return (
          <span key={label}>
            <span class="chart-key" style={{ background: `var(${colour})` }} />
            {label}{' '}
            <span class="chart-value">{value === null || value === undefined ? '–' : format(value)}</span>
          </span>
        )
      })}
      {at === null || time === undefined ? null : <span>{formatTime(time)}</span>}
    </figcaption>
  )
}

function dataOf({ times, series }: TimeChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])]
}

function pointerPlugin(point: (index: number | null) => void): uPlot.Plugin {
  return { hooks: { setCursor: (chart) => point(chart.cursor.idx ?? null) } }
}
