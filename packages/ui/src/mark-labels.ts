/** Where a label stands: between `from` and `to`, in one of the rows. */
export interface LabelPlace {
  readonly row: number
  readonly from: number
  readonly to: number
}

/** What a label needs, and the ends of the chart. */
export interface LabelRoom {
  readonly x: number
  readonly width: number
  readonly left: number
  readonly right: number
}

/** What is taken of each row. */
export type LabelRows = readonly (readonly LabelPlace[])[]

/**
 * A place for a label `width` wide at `x`, between `left` and `right`, where it lies on no other: after its mark, else
 * before it. Undefined where every row is taken on both sides; the mark then stands without words.
 */
export function placeLabel(rows: LabelRows, { x, width, left, right }: LabelRoom): LabelPlace | undefined {
  const sides = [x, x - width].filter((from) => from >= left && from + width <= right)
  for (const from of sides) {
    const to = from + width
    const row = rows.findIndex((taken) => taken.every((other) => other.to <= from || other.from >= to))
    if (row >= 0) return { row, from, to }
  }
  return undefined
}
