import { defineConfig } from 'vitest/config'

// Published client libraries against the simulator's sources. They keep to clocks of their own, some of which can't be
// set: an identify takes @discordjs/ws five seconds, a close that nobody answers takes ws thirty.
const source = { conditions: ['holdfast-source', 'import', 'module', 'default'] }

export default defineConfig({
  root: import.meta.dirname,
  resolve: source,
  ssr: { resolve: source },
  test: {
    include: ['**/*.test.ts'],
    // They wait more than they work.
    maxConcurrency: 12,
    testTimeout: 60_000,
  },
})
