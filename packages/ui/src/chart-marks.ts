import type uPlot from 'uplot'
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

/** Draws marks behind the lines of a chart: a line at the beginning, a wash over the stretch, the words beside it. */
export function marksPlugin(marks: () => readonly ChartMark[], colour: ResolveColour): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (chart) => {
        const ends: number[] = []
        for (const mark of marks()) drawMark(chart, mark, colour, ends)
      },
    },
  }
}

function drawMark(chart: uPlot, mark: ChartMark, colour: ResolveColour, ends: number[]): void {
  const { left, top, width, height } = chart.bbox
  const { min = 0, max = 0 } = chart.scales.x ?? {}
  const endedAt = mark.endedAt ?? max
  if (endedAt < min || mark.at > max) return
  const from = Math.max(left, chart.valToPos(mark.at, 'x', true))
  const to = Math.min(left + width, chart.valToPos(endedAt, 'x', true))
  const { ctx } = chart
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
  ctx.fillStyle = colour(COLOURS[mark.tone])
  ctx.globalAlpha = 0.14
  ctx.fillRect(from, top, to - from, height)
  ctx.globalAlpha = 0.9
  if (mark.at >= min) ctx.fillRect(from, top, Math.max(1, devicePixelRatio), height)
  drawLabel(chart, mark.label, from, ends)
  ctx.restore()
}

/** Labels that would lie on each other go one row down. */
function drawLabel(chart: uPlot, label: string, from: number, ends: number[]): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  ctx.globalAlpha = 1
  ctx.font = `${11 * ratio}px ${getComputedStyle(chart.root).fontFamily}`
  ctx.textBaseline = 'top'
  const width = ctx.measureText(label).width + 10 * ratio
  let row = 0
  while (row < LABEL_ROWS - 1 && (ends[row] ?? Number.NEGATIVE_INFINITY) > from) row += 1
  ends[row] = from + width
  // At the right edge the words stand on the other side of the line.
  const fits = from + width <= bbox.left + bbox.width
  ctx.textAlign = fits ? 'left' : 'right'
  ctx.fillText(label, from + (fits ? 4 : -4) * ratio, bbox.top + (2 + row * ROW_PX) * ratio)
}
