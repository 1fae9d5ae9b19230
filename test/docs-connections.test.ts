import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KNOWN_CLOSE_CODES } from '../packages/protocol/src/discord/close-codes.ts'
import { FATAL_SLACK_ERRORS } from '../packages/protocol/src/slack/errors.ts'
import { readSocketModeFrame } from '../packages/protocol/src/slack/socket-mode-frame.ts'
import { readFaultTables, undefinedNames } from './docs/fault-tables.ts'
import { missingTests } from './docs/missing-tests.ts'
import { TestTitles } from './docs/test-titles.ts'

const DOCS = join(import.meta.dirname, '../docs')
const PAGE = readFileSync(join(DOCS, 'connections.md'), 'utf8')
const ROWS = readFaultTables(PAGE)

const faultsOf = (section: string) => ROWS.filter((row) => row.section === section).map(({ fault }) => fault)

describe('the page of connections', () => {
  test('names tests that there are, in every row of its tables', () => {
    expect(missingTests(ROWS, DOCS)).toEqual([])
    expect(ROWS.length).toBeGreaterThan(100)
  })

  test('says of every fault what Holdfast does', () => {
    expect(ROWS.filter(({ fault, does }) => fault === '' || does === '')).toEqual([])
  })

  test('explains every name in brackets', () => {
    expect(undefinedNames(PAGE)).toEqual([])
  })

  test('has a row for every close code of the table', () => {
    const codes = faultsOf('Discord: close codes').map((fault) => Number.parseInt(fault, 10))
    expect(codes.filter((code) => !Number.isNaN(code))).toEqual([...KNOWN_CLOSE_CODES].sort((a, b) => a - b))
  })

  test('has a row for everything that Discord sends beside dispatches', () => {
    const faults = faultsOf('Discord: what it sends')
    for (const op of [0, 1, 7, 9, 10, 11]) expect(faults.join('\n')).toMatch(new RegExp(`^op ${op}\\b`, 'm'))
  })

  test('has a row for every reason for which Slack ends a socket, and each is one that the reader knows', () => {
    const reasons = faultsOf('Slack Socket Mode').flatMap((fault) => /reason `(\w+)`/.exec(fault)?.[1] ?? [])
    expect(reasons.sort()).toEqual(['link_disabled', 'refresh_requested', 'too_many_websockets', 'warning'])
    for (const reason of reasons)
      expect(readSocketModeFrame(JSON.stringify({ type: 'disconnect', reason }))).toMatchObject({
        why: expect.stringContaining(`(${reason})`),
      })
  })

  test('has every error of Slack after which a connection stops', () => {
    const faults = faultsOf('Slack RTM').join('\n')
    expect(FATAL_SLACK_ERRORS.filter((error) => !faults.includes(`\`${error}\``))).toEqual([])
  })
})

describe('a title with values in it', () => {
  const titles = new TestTitles(
    join(import.meta.dirname, '../packages/protocol/test/shard-close-codes.test.ts'),
  )

  test('is found with any values, and only as a whole', () => {
    expect(titles.has('4000 (unknown error) the session is resumed')).toBe(true)
    expect(titles.has('4000 (unknown error) the session is resumed again')).toBe(false)
    expect(titles.has('the session is resumed')).toBe(false)
  })
})
