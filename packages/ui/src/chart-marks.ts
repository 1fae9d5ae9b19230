import type uPlot from 'uplot'
import { type LabelPlace, placeLabel } from './mark-labels.ts'
import type { ResolveColour } from './resolved-colour.ts'

/** An instant or a stretch on a chart, with two or three words. */
export interface ChartMark {
  /** Unix milliseconds. */
  readonly at: number
  /** Absent while it lasts; equal to `at` for an instant. */
  readonly endedAt?: number | undefined
  readonly label: string
  readonly tone: 'fault' | 'gap' | 'note'
}

const COLOURS = { fault: '--bad', gap: '--warn', note: '--note' } as const
const LABEL_ROWS = 3
const ROW_PX = 15
const BESIDE_PX = 4

/** The height of the labels, which stand in a band of their own above the lines. */
export const MARK_BAND_PX = LABEL_ROWS * ROW_PX + 4

/** Draws marks behind the lines of a chart: a line at the beginning, a wash over the stretch, the words above. */
export function marksPlugin(marks: () => readonly ChartMark[], colour: ResolveColour): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (chart) => {
        const rows: LabelPlace[][] = Array.from({ length: LABEL_ROWS }, () => [])
        // From the youngest: where words must give way, the older ones do.
        for (const mark of marks().toReversed()) drawMark(chart, mark, colour(COLOURS[mark.tone]), rows)
      },
    },
  }
}

function drawMark(chart: uPlot, mark: ChartMark, colour: string, rows: LabelPlace[][]): void {
  const { left, top, width, height } = chart.bbox
  const { min = 0, max = 0 } = chart.scales.x ?? {}
  const endedAt = mark.endedAt ?? max
  if (endedAt < min || mark.at > max) return
  const from = Math.max(left, chart.valToPos(mark.at, 'x', true))
  const to = Math.min(left + width, chart.valToPos(endedAt, 'x', true))
  const { ctx } = chart
  ctx.save()
  ctx.fillStyle = colour
  ctx.globalAlpha = 0.14
  ctx.fillRect(from, top, to - from, height)
  if (mark.at >= min) drawWords(chart, mark.label, from, rows)
  ctx.restore()
}

function drawWords(chart: uPlot, label: string, x: number, rows: LabelPlace[][]): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  ctx.font = `${11 * ratio}px ${getComputedStyle(chart.root).fontFamily}`
  ctx.textBaseline = 'top'
  const width = ctx.measureText(label).width + 2 * BESIDE_PX * ratio
  const place = placeLabel(rows, { x, width, left: bbox.left, right: bbox.left + bbox.width })
  const top = bbox.top - (place ? MARK_BAND_PX - place.row * ROW_PX : 0) * ratio
  ctx.globalAlpha = 0.9
  ctx.fillRect(x, top, Math.max(1, ratio), bbox.top + bbox.height - top)
  if (!place) return
  rows[place.row]?.push(place)
  ctx.globalAlpha = 1
  ctx.fillText(label, place.from + BESIDE_PX * ratio, top + ratio)
}
