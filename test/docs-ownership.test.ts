import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import { readFaultTables, undefinedNames } from './docs/fault-tables.ts'
import { missingTests } from './docs/missing-tests.ts'

const DOCS = join(import.meta.dirname, '../docs')
const PAGE = readFileSync(join(DOCS, 'ownership.md'), 'utf8')
const ROWS = readFaultTables(PAGE)

describe('the page of ownership', () => {
  test('names tests that there are, in every case', () => {
    expect(missingTests(ROWS, DOCS)).toEqual([])
    expect(ROWS.length).toBeGreaterThan(10)
  })

  test('says of every case what stops harm, and what remains', () => {
    expect(ROWS.filter(({ documented, does }) => documented === '' || does === '')).toEqual([])
  })

  test('explains every name in brackets', () => {
    expect(undefinedNames(PAGE)).toEqual([])
  })

  test('tells the defaults that the configuration has', () => {
    const { leaseMs, rebalanceAfterMs, stopGraceMs } = loadConfig({ env: { DISCORD_TOKEN: 'any' } }).gateway
    const told = [...PAGE.matchAll(/^\| `gateway\.(lease|rebalanceAfter|stopGrace)` +\| (\d+) s +\|/gm)]
    expect(told.map(([, name, seconds]) => [name, Number(seconds) * 1_000])).toEqual([
      ['lease', leaseMs],
      ['rebalanceAfter', rebalanceAfterMs],
      ['stopGrace', stopGraceMs],
    ])
  })
})
