import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Unit suites read the packages' sources; only test/e2e, test/chaos and test/browser start built processes.
const source = { conditions: ['holdfast-source', 'import', 'module', 'default'] }

// Chaos scenarios that are there for their figures: they have the machine for themselves.
const FIGURES = ['test/chaos/replacement.test.ts']

/** The longest files of chaos begin first, so that the others run beside them. */
const LONGEST = ['long-outage', 'outages', 'gateways', 'cut-off'].map((name) => `test/chaos/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) =>
      (LONGEST.findIndex((name) => moduleId.endsWith(name)) + LONGEST.length + 1) % (LONGEST.length + 1)
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    globalSetup: ['./test/redis.setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'unit',
          include: [
            'packages/*/test/**/*.test.ts',
            'services/*/test/**/*.test.ts',
            'examples/*/test/**/*.test.ts',
            'test/*.test.ts',
            'test/chaos/taps/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/deploy/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'chaos',
          include: ['test/chaos/*.test.ts'],
          exclude: FIGURES,
          testTimeout: 300_000,
          hookTimeout: 60_000,
          // Scenarios mostly wait: a few files at once fill two processors, each with a stage of its own.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'figures',
          include: FIGURES,
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: source,
        ssr: { resolve: source },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['./test/browser/chromium.setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000, interval: 100 } },
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
