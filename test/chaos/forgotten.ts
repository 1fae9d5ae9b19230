import type { DiaryLine } from '@holdfast/ledger'
import type { Span } from './evidence.ts'

/**
 * The diary without the runs of which Redis then lost the record, because another server took its place that lacked it: those that were
 * begun within one of the spans, where the event was begun anew after it. The run that is left is judged like any other.
 */
export function withoutForgotten(diary: readonly DiaryLine[], spans: readonly Span[]): readonly DiaryLine[] {
  return spans.reduce(withoutOne, diary)
}

function withoutOne(diary: readonly DiaryLine[], { fromAt, toAt }: Span): readonly DiaryLine[] {
  const anew = new Map<string, number>()
  for (const [index, line] of diary.entries())
    if (line.what === 'begin' && line.at > toAt && !anew.has(line.key)) anew.set(line.key, index)
  const forgotten = new Set<string>()
  for (const line of diary)
    if (line.what === 'begin' && fromAt <= line.at && line.at <= toAt && anew.has(line.key))
      forgotten.add(line.key)
  return diary.filter(
    (line, index) => line.what === 'gap' || !forgotten.has(line.key) || index >= (anew.get(line.key) ?? 0),
  )
}
