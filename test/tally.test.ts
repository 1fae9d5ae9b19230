import { describe, expect, test } from 'vitest'
import { closingLine, countTests } from '../scripts/tally.mjs'

const file = (status: string, ...statuses: string[]) => ({
  status,
  assertionResults: statuses.map((each) => ({ status: each })),
})

describe('the closing line of npm test', () => {
  test('counts tests over all files', () => {
    const report = { testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')] }
    expect(closingLine(countTests(report, 1))).toBe('3 passed, 1 failed')
  })

  test('names skipped tests where there are some', () => {
    const report = { testResults: [file('passed', 'passed', 'skipped', 'todo', 'pending')] }
    expect(closingLine(countTests(report, 0))).toBe('1 passed, 0 failed, 3 skipped')
  })

  test('counts a file that did not load as a failure', () => {
    expect(countTests({ testResults: [file('failed')] }, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  test('counts a hook that threw after all tests passed as a failure', () => {
    expect(countTests({ testResults: [file('failed', 'passed')] }, 1).failed).toBe(1)
  })

  test('shows a failure when vitest ended badly with every test passed, or left no report', () => {
    expect(countTests({ testResults: [file('passed', 'passed')] }, 1).failed).toBe(1)
    expect(countTests(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})
