import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportOf } from '../scripts/delivery.mjs'
import type { Row } from './chaos/rows.ts'

const gaps = { gaps: 0, backfilled: 0, notRecoverable: 0, unfilled: 0 }
const well = { handled: 10, answered: 4, lost: 0, repeated: 0, reordered: 0, ...gaps }
const connection = { ...well, sent: 10, unordered: 0, offline: 0, longestMs: 80, p99Ms: 40 }
const verdict = {
  connections: {
    rtm: { ...connection, gaps: 1, backfilled: 3, notRecoverable: 1 },
    socket: connection,
    discord: connection,
  },
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
    '| a cut | P7 | 20, 20, 20 | 0 | 0 | 0 | 2 | 6 | 2 | 2 | 2.50 s | 0.00 s | 0.08 s | 0.04 s |',
  )
})

test('the report names a scenario that failed', () => {
  expect(reportOf([row, { ...row, round: 2, passed: false }])).toContain('| a cut (**failed**) |')
})

test('the report tells figures of their own kind in words', () => {
  const figures = { lost: 0, finishedStepsRunAgain: 1_200, tookMs: 45_000 }
  const lines = reportOf([row], [{ name: 'a storm', promise: 'P3', figures }]).split('\n')
  expect(lines).toContain('| a storm | P3 | lost 0, finished steps run again 1,200, took 45,000 ms |')
})

test('the report tells what replacements cost, by scenario and by transport', () => {
  const delays = (p99Ms: number) => ({ count: 100, p50Ms: 2, p99Ms, longestMs: 2 * p99Ms })
  const lateness = (p99Ms: number) => ({ queued: delays(p99Ms), begun: delays(p99Ms + 5) })
  const cost = {
    ...{ readyMs: 900, ownedMs: 950, endedMs: 1_000, tookMs: {}, slackAwayCount: 0 },
    peakBytes: { old: 150 * 2 ** 20, next: 148 * 2 ** 20 },
  }
  const nobody = { queued: { ...delays(0), count: 0 }, begun: { ...delays(0), count: 0 } }
  const replacements = {
    rolls: [
      { ...cost, shardsAwayMs: [10, 60] },
      { ...cost, shardsAwayMs: [20], readyMs: 1_100 },
    ],
    before: { rtm: lateness(4), socket: nobody, discord: lateness(5) },
    during: { rtm: lateness(6), socket: nobody, discord: lateness(70) },
  }
  const lines = reportOf([row, { ...row, name: 'b', replacements }]).split('\n')
  expect(lines.slice(lines.indexOf('### What a replacement costs')).filter((line) => line.includes('| b |')))
    // biome-ignore format: as the page has it
    .toEqual([
    '| b | 2 | 1100 ms, 1100 ms | 950 ms, 950 ms | 1000 ms, 1000 ms | 3 | 20 ms, 60 ms | 0 | 150 MiB, 148 MiB |',
    '| b | Slack RTM | 100, 100 | 4 ms | 6 ms | 12 ms | 9 ms | 11 ms | 22 ms |',
    '| b | Discord | 100, 100 | 5 ms | 70 ms | 140 ms | 10 ms | 75 ms | 150 ms |',
  ])
  expect(reportOf([row])).not.toContain('What a replacement costs')
})

test('the page says what each promise is that a scenario attacks', () => {
  const chaos = join(import.meta.dirname, 'chaos')
  const scenarios = readdirSync(chaos).filter((file) => file.endsWith('.test.ts'))
  const attacked = scenarios.flatMap((file) =>
    [...readFileSync(join(chaos, file), 'utf8').matchAll(/promise: '(P\d)'/g)].map(([, promise]) => promise),
  )
  const page = readFileSync(join(import.meta.dirname, '../docs/delivery.md'), 'utf8')
  const explained = [...page.matchAll(/^- \*\*(P\d)\*\* /gm)].map(([, promise]) => promise)
  expect(explained).toEqual([...new Set(attacked)].sort())
})
