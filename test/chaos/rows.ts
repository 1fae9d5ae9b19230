import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RollFigures } from './roll-figures.ts'
import type { Scenario } from './scenario.ts'
import type { Verdict } from './verdict.ts'

/** What a scenario came to, once. */
export interface Row extends Pick<Scenario, 'name' | 'promise' | 'tier' | 'allows'> {
  /** The file that declares it, and its place there. */
  readonly family: string
  readonly place: number
  readonly round: number
  /** Of the Redis server. */
  readonly redisVersion: string
  readonly passed: boolean
  readonly verdict: Verdict
  /** What its replacements of gateways cost, where it measures that. */
  readonly replacements?: RollFigures
}

/** Writes a row into the folder that `HOLDFAST_CHAOS_RESULTS` names; nothing where it names none. */
export function writeRow(row: Row): void {
  const folder = process.env.HOLDFAST_CHAOS_RESULTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${row.name.replaceAll(/[^a-z0-9]+/gi, '-')}.${row.round}.json`)
  writeFileSync(file, `${JSON.stringify(row, null, 2)}\n`)
}

/** Figures of a scenario that is not told of by what became of the events of three connections. */
export interface FiguresRow extends Pick<Scenario, 'name' | 'promise'> {
  /** In words, with what they count. */
  readonly figures: Readonly<Record<string, number>>
}

/** Prints figures, and writes them where `writeRow` writes. */
export function tellFigures(row: FiguresRow): void {
  console.log(`${row.name}: ${JSON.stringify(row.figures)}`)
  const folder = process.env.HOLDFAST_CHAOS_RESULTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${row.name.replaceAll(/[^a-z0-9]+/gi, '-')}.figures`)
  writeFileSync(file, `${JSON.stringify(row, null, 2)}\n`)
}
