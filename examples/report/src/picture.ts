import type { Sums } from './ledger.ts'

const WIDTH = 20

/** Bars, the longest first. */
export function draw(sums: Sums): string {
  const rows = Object.entries(sums).toSorted(([, one], [, other]) => other - one)
  const most = Math.max(1, ...Object.values(sums))
  const lines = rows.map(([name, sum]) => {
    const bar = '█'.repeat(Math.round((sum / most) * WIDTH))
    return `${name.padEnd(10)}${bar} ${sum} t`
  })
  return ['```', ...lines, '```'].join('\n')
}
