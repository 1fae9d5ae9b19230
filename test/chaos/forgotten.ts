import type { DiaryLine } from '@holdfast/ledger'
import type { Span } from './evidence.ts'

/**
 * The diary without the runs of which Redis then lost the record, because another server took its place that lacked it: those that
 * overlap one of the spans, where the event was begun anew. The last run is left, and judged like any other.
 */
export function withoutForgotten(diary: readonly DiaryLine[], spans: readonly Span[]): readonly DiaryLine[] {
  return spans.reduce(withoutOne, diary)
}

function withoutOne(diary: readonly DiaryLine[], span: Span): readonly DiaryLine[] {
  const last = lastBegins(diary)
  const forgotten = new Set<string>()
  for (const [index, line] of diary.entries()) {
    if (line.what === 'gap' || index >= (last.get(line.key) ?? 0)) continue
    if (span.fromAt <= line.at && line.at <= span.toAt) forgotten.add(line.key)
  }
  return diary.filter(
    (line, index) => line.what === 'gap' || !forgotten.has(line.key) || index >= (last.get(line.key) ?? 0),
  )
}

/** Where each event was begun for the last time. */
function lastBegins(diary: readonly DiaryLine[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  for (const [index, line] of diary.entries()) if (line.what === 'begin') last.set(line.key, index)
  return last
}
