import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@holdfast/runtime'
import { FULL_CHECK, runCheck, SHORT_CHECK } from '../check/run-check.ts'
import { command } from '../command.ts'
import { listenForInterruption } from '../demo/interruption.ts'
import { runDemo } from '../demo/run-demo.ts'

/** The folder of the repository, seen from `packages/cli/dist/commands`. */
const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '../../../..')

export const demo = command({
  name: 'demo',
  summary: 'Runs a bot on a simulated Slack and Discord: a page to talk to it and to break things',
  flags: {
    check: {
      type: 'boolean',
      help: 'kill, roll and restart under load for about a minute; the last line is the verdict as JSON',
    },
    'no-open': { type: 'boolean', help: 'only print the address of the page, open no browser' },
    short: { type: 'boolean', help: 'with --check: fewer events and faults, about 20 seconds' },
  },
  async run({ check, short, 'no-open': closed }, terminal) {
    const interruption = listenForInterruption()
    const common = { terminal, clock: systemClock }
    try {
      if (!check) return await runDemo({ ...common, project: PROJECT, interruption, open: !closed })
      return await runCheck({
        ...common,
        size: short ? SHORT_CHECK : FULL_CHECK,
        folder: join(PROJECT, '.holdfast'),
        corpusFolders: [join(PROJECT, '../shared/corpus'), join(PROJECT, 'packages/events/fixtures')],
        signal: interruption.signal,
      })
    } finally {
      interruption.close()
    }
  },
})
