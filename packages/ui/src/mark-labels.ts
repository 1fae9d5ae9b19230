/** Where a label stands: between `from` and `to`, in one of the rows. */
export interface LabelPlace {
  readonly row: number
  readonly from: number
  readonly to: number
}

/** What is taken of each row. */
export type LabelRows = readonly (readonly LabelPlace[])[]

/**
 * A place for a label `width` wide at `x`, ending before `right`, where it lies on no other: after its mark, or before
 * it where the chart ends. Undefined where every row is taken; the mark then stands without words.
 */
export function placeLabel(
  rows: LabelRows,
  { x, width, right }: { readonly x: number; readonly width: number; readonly right: number },
): LabelPlace | undefined {
  const from = x + width <= right ? x : x - width
  const to = from + width
  const row = rows.findIndex((taken) => taken.every((other) => other.to <= from || other.from >= to))
  return row < 0 ? undefined : { row, from, to }
}
