// `npm test`: set-up, lint, types, then every test. Goes on after a failure, so that one run tells everything.
// Lint and types count as one check each in the closing line, which is the last thing printed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, execPath } from 'node:process'
import { ROOT, run, setUp } from './setup.mjs'
import { closingLine, countTests, readReport } from './tally.mjs'

const CHECKS = [
  { name: 'lint', script: 'node_modules/@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  {
    name: 'types of the pages',
    script: 'node_modules/typescript/bin/tsc',
    args: ['-p', 'tsconfig.pages.json'],
  },
]

await setUp()
const tally = { passed: 0, failed: 0, skipped: 0 }
for (const { name, script, args } of CHECKS) {
  console.log(`holdfast: ${name} …`)
  const code = await run(execPath, [join(ROOT, script), ...args])
  if (code === 0) tally.passed += 1
  else tally.failed += 1
  console.log(`holdfast: ${name} ${code === 0 ? 'passed' : 'failed'}`)
}
const tests = await runTests(argv.slice(2))
tally.passed += tests.passed
tally.failed += tests.failed
tally.skipped += tests.skipped
process.exitCode = tally.failed === 0 ? 0 : 1
console.log(closingLine(tally))

/** @param {readonly string[]} args passed on to vitest, e.g. a file to run alone */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-report-'))
  const file = join(folder, 'report.json')
  try {
    console.log('holdfast: tests …')
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await run(execPath, [vitest, 'run', ...reporters, ...args])
    return countTests(readReport(file), code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
