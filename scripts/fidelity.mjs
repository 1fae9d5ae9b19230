// `npm run fidelity`: published client libraries against the simulator, since every other test trusts it. The libraries
// are installed in test/fidelity, apart from the project's own packages, and checked against their own types first.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, execPath } from 'node:process'
import { install, ROOT, run, setUp } from './setup.mjs'
import { closingLine, countTests, readReport } from './tally.mjs'
import { printUsageIfAsked } from './words.mjs'

const USAGE = `npm run fidelity -- [FILE …] [-t NAME] [other options of vitest run]
Puts published client libraries through the simulator's faults. The first run installs them in test/fidelity.
About three minutes.

  FILE     only test files whose path has this in it, such as slack-bolt
  -t NAME  only tests whose name has this in it`

const FOLDER = join(ROOT, 'test/fidelity')

printUsageIfAsked(USAGE)
await setUp()
await install(FOLDER, "client libraries' ")
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
const typesCode = await run(execPath, [tsc, '-p', join(FOLDER, 'tsconfig.json')])
const report = mkdtempSync(join(tmpdir(), 'holdfast-fidelity-report-'))
try {
  const file = join(report, 'report.json')
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const config = join(FOLDER, 'vitest.config.ts')
  const reporters = ['--reporter=tree', '--reporter=json', `--outputFile.json=${file}`]
  const code = await run(execPath, [vitest, 'run', '--config', config, ...reporters, ...argv.slice(2)])
  conclude(readReport(file), code)
} finally {
  rmSync(report, { recursive: true, force: true })
}

/**
 * One line per library, then the closing line. Types count as one check.
 * @param {any} tests vitest's report
 * @param {number} code
 */
function conclude(tests, code) {
  console.log('')
  for (const file of tests?.testResults ?? []) {
    const [library = file.name] = file.assertionResults[0]?.ancestorTitles ?? []
    const own = countTests({ testResults: [file] }, 0)
    console.log(`  ${own.failed === 0 ? '✓' : '✗'} ${library.padEnd(26)} ${closingLine(own)}`)
  }
  const tally = countTests(tests, code)
  if (typesCode === 0) tally.passed += 1
  else tally.failed += 1
  console.log(`  ${typesCode === 0 ? '✓' : '✗'} types, as the libraries have them`)
  process.exitCode = tally.failed === 0 ? 0 : 1
  console.log(closingLine(tally))
}
