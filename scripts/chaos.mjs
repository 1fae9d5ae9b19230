// `npm run chaos -- [NAME …] [--times N] [--report]`: set-up, then the chaos scenarios at their full size. With `--report`,
// what they came to is written into docs/delivery.md, between its markers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { readFigures, readRows, writeReport } from './delivery.mjs'
import { ROOT, run, setUp } from './setup.mjs'
import { readWords, refuse } from './words.mjs'

const USAGE = `npm run chaos -- [NAME …] [--times N] [--report]
Breaks gateways, workers, Redis and the platforms under a stream of events on all transports, and judges each time what
was lost, repeated or reordered. About twenty minutes; quiet machines only.

  NAME       only scenarios whose name has these words in it
  --times N  each so many times; once by default
  --report   writes the table of docs/delivery.md`

const { values, flags, subjects } = readWords({
  name: 'chaos',
  usage: USAGE,
  options: { times: { least: 1 }, report: { flag: true } },
  subjects: 'any',
})
const isReport = flags.includes('report')
const name = subjects.join(' ')
if (isReport && name !== '') refuse('chaos', `--report tells of every scenario; leave out "${name}"`)

await setUp()
const results = mkdtempSync(join(tmpdir(), 'holdfast-chaos-results-'))
env.HOLDFAST_CHAOS = 'full'
env.HOLDFAST_CHAOS_TIMES = values.times ?? '1'
env.HOLDFAST_CHAOS_RESULTS = results
try {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const filter = name === '' ? [] : ['-t', name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')]
  const args = [
    'run',
    '--project',
    'chaos',
    '--project',
    'figures',
    '--reporter=verbose',
    '--hideSkippedTests',
    ...filter,
  ]
  process.exitCode = await run(execPath, [vitest, ...args])
  const [rows, figures] = [readRows(results), readFigures(results)]
  if (rows.length + figures.length === 0) {
    console.error(
      `holdfast: chaos: no scenario came to an end${name === '' ? '' : `, or none is named "${name}"`}`,
    )
    process.exitCode = 1
  } else if (isReport) writeReport(rows, figures)
} finally {
  rmSync(results, { recursive: true, force: true })
}
