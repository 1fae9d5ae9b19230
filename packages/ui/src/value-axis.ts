/** Every value axis has so many steps, so that the numbers of both stand on the same lines. */
const STEPS = 4
/** Of each decade: round to read, and no top is more than twice what it must hold. */
const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/** The lowest top of an axis that holds `most` and has round steps: whole ones from 1 on. */
export function axisTop(most: number): number {
  const least = most / STEPS
  const decade = 10 ** Math.floor(Math.log10(least))
  const step = ROUND.map((round) => round * decade).find(
    (each) => each >= least && (each < 1 || Number.isInteger(each)),
  )
  return (step ?? least) * STEPS
}

/** The values on the lines of an axis that reaches from 0 to `top`. */
export function axisSplits(top: number): number[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => (step * top) / STEPS)
}
