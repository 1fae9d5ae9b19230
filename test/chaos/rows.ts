import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scenario } from './scenario.ts'
import type { Verdict } from './verdict.ts'

/** What a scenario came to, once. */
export interface Row extends Pick<Scenario, 'name' | 'promise' | 'tier' | 'allows'> {
  readonly round: number
  readonly passed: boolean
  readonly verdict: Verdict
}

/** Writes a row into the folder that `HOLDFAST_CHAOS_RESULTS` names; nothing where it names none. */
export function writeRow({ name, promise, tier, allows, round, passed, verdict }: Row): void {
  const folder = process.env.HOLDFAST_CHAOS_RESULTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.${round}.json`)
  writeFileSync(file, `${JSON.stringify({ name, promise, tier, allows, round, passed, verdict }, null, 2)}\n`)
}
