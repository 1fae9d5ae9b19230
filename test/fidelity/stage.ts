import {
  createSimulator,
  type Entry,
  type Fact,
  type Simulator,
  type SimulatorAddresses,
  type SimulatorOptions,
  type SimulatorRecord,
} from '@holdfast/simulator'
import { test } from 'vitest'

type FactOf<Kind extends Fact['kind']> = Extract<Entry, { kind: Kind }>

/** A simulator on the real clock, as a published library needs it. */
export interface Stage {
  readonly simulator: Simulator
  readonly at: SimulatorAddresses
  /** Resolves with the `count`th fact of a kind that fits. Has no timeout of its own. */
  fact<Kind extends Fact['kind']>(
    kind: Kind,
    fits?: (fact: FactOf<Kind>) => boolean,
    count?: number,
  ): Promise<FactOf<Kind>>
  /** Calls `end` after the test, whatever became of it, and before the simulator goes. */
  afterwards(end: () => unknown): void
}

/** Rates are loosened, rules are kept. */
export type SetStage = (options?: SimulatorOptions) => Promise<Stage>

/** A test that may have a stage of its own, so that many can run at once. One that fails shows what the simulator saw last. */
export const it = test.extend<{ setStage: SetStage }>({
  setStage: async ({ onTestFailed }, use) => {
    const ends: (() => unknown)[] = []
    await use(async (options) => {
      const simulator = createSimulator({ limits: 'demo', ...options })
      ends.push(() => simulator.stop())
      onTestFailed(() => {
        for (const entry of simulator.record.read().entries.slice(-25)) console.error(JSON.stringify(entry))
      })
      const at = await simulator.start()
      return { simulator, at, fact: factsOf(simulator.record), afterwards: (end) => ends.push(end) }
    })
    for (const end of ends.reverse()) await end()
  },
})

function factsOf(record: SimulatorRecord): Stage['fact'] {
  return async (kind, fits = () => true, count = 1) => {
    const found = () => record.of(kind).filter(fits)
    await record.until(() => found().length >= count)
    return found()[count - 1] as FactOf<typeof kind>
  }
}

/** The only one, or the first. */
export function first<T>(list: readonly T[]): T {
  const [item] = list
  if (item === undefined) throw new Error('the list is empty')
  return item
}
