import { expect, test } from 'vitest'
import { reportOf } from '../scripts/delivery.mjs'
import type { Row } from './chaos/rows.ts'

const well = { handled: 10, answered: 4, lost: 0, repeated: 0, reordered: 0, gaps: 0, inGaps: 0 }
const connection = { ...well, sent: 10, unordered: 0, offline: 0, longestMs: 80, p99Ms: 40 }
const verdict = {
  connections: { rtm: { ...connection, gaps: 1, inGaps: 3 }, socket: connection, discord: connection },
  ...{
    deadLetters: 0,
    identifies: 0,
    resumes: 2,
    repeatedSteps: 0,
    recoverMs: 1_200,
    caughtUpMs: 0,
    findings: [],
  },
}
const row: Row = {
  ...{ name: 'a cut', promise: 'P7', tier: 'short', allows: {}, family: 'platform', place: 1 },
  ...{ round: 1, passed: true, redisVersion: '7.4.1', verdict },
}

test('the report has a table for each family, and adds the rounds of a scenario up', () => {
  const slower = { ...verdict, recoverMs: 2_500, identifies: 2 }
  const lines = reportOf([
    row,
    { ...row, round: 2, verdict: slower },
    { ...row, family: 'redis', name: 'b' },
  ]).split('\n')
  expect(lines.filter((line) => line.startsWith('### '))).toEqual(['### Platforms', '### Redis'])
  expect(lines).toContain(
    '| a cut | P7 | 20, 20, 20 | 0 | 0 | 0 | 2 | 6 | 2 | 2.50 s | 0.00 s | 0.08 s | 0.04 s |',
  )
})

test('the report names a scenario that failed', () => {
  expect(reportOf([row, { ...row, round: 2, passed: false }])).toContain('| a cut (**failed**) |')
})
