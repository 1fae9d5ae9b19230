import { readFileSync } from 'node:fs'

/**
 * What a test run came to.
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/**
 * The report of vitest's JSON reporter; nothing, and a line that says so, where there is none.
 * @param {string} file
 */
export function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.error('holdfast: the test run left no report; it counts as one failure')
    return undefined
  }
}

/**
 * Counts the report of vitest's JSON reporter. A file that failed without a failing test in it (it did not load, or a
 * hook threw) counts as one failure; so does a run that ended badly with nothing else to show for it.
 * @param {unknown} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function countTests(report, exitCode) {
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const file of testFiles(report)) {
    const statuses = file.assertionResults.map((result) => result.status)
    const failed = statuses.filter((status) => status === 'failed').length
    tally.passed += statuses.filter((status) => status === 'passed').length
    tally.failed += file.status === 'failed' ? Math.max(1, failed) : failed
    tally.skipped += statuses.filter((status) =>
      ['pending', 'skipped', 'todo', 'disabled'].includes(status),
    ).length
  }
  if (exitCode !== 0 && tally.failed === 0) tally.failed = 1
  return tally
}

/**
 * The closing line: `12 passed, 0 failed`, and `, 3 skipped` where some were.
 * @param {Tally} tally
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * @param {unknown} report
 * @returns {{ status: string, assertionResults: { status: string }[] }[]}
 */
function testFiles(report) {
  if (typeof report !== 'object' || report === null || !('testResults' in report)) return []
  return Array.isArray(report.testResults) ? report.testResults : []
}
