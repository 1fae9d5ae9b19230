import { test } from 'vitest'
import { type FiguresRow, tellFigures } from './rows.ts'
import type { Scenario } from './scenario.ts'

/** One thing that goes wrong where there is nothing but a queue and workers, and the promise it attacks. */
export interface QueueScenario extends Pick<Scenario, 'name' | 'promise' | 'tier' | 'patienceMs'> {
  /** Judges by itself, and resolves with what it came to. */
  readonly run: () => Promise<FiguresRow['figures']>
}

const isFull = process.env.HOLDFAST_CHAOS === 'full'
const PATIENCE_MS = 120_000

/** Declares a scenario as a test. */
export function queueScenario({ name, promise, tier, patienceMs = PATIENCE_MS, run }: QueueScenario): void {
  const perform = async () => tellFigures({ name, promise, figures: await run() })
  test.skipIf(tier === 'full' && !isFull)(name, perform, patienceMs)
}
