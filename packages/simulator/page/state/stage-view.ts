import type { PageHello } from '../../src/page/feed.ts'
import type { StageMark, StageSample } from '../../src/page/stage.ts'

/** How much of the past the chart shows. */
export const CHART_SPAN_MS = 120_000
const MARK_BOUND = 200

/** What runs behind the platforms, as the page shows it. */
export type StageView = NonNullable<PageHello['stage']>

export function stageFrom(told: StageView): StageView {
  return withSamples({ ...told, samples: [] }, told.samples)
}

/** With the samples appended; those that the chart no longer shows leave. */
export function withSamples(stage: StageView, samples: readonly StageSample[]): StageView {
  const all = [...stage.samples, ...samples]
  const oldest = (all.at(-1)?.at ?? 0) - CHART_SPAN_MS
  // One more at the left edge, so that the line enters the chart from outside.
  const start = Math.max(0, all.findIndex(({ at }) => at >= oldest) - 1)
  return { ...stage, samples: all.slice(start) }
}

/** With a mark that is new, or not what it was. */
export function withMark(stage: StageView, mark: StageMark): StageView {
  const at = stage.marks.findIndex(({ id }) => id === mark.id)
  const marks = at < 0 ? [...stage.marks.slice(1 - MARK_BOUND), mark] : stage.marks.with(at, mark)
  return { ...stage, marks }
}
