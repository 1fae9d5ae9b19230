import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Ledger, LedgerReader } from '../src/check/ledger.ts'

function ledgerFile() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'ledger.jsonl')
  const [first, second, reader] = [new Ledger(path), new Ledger(path), new LedgerReader(path)]
  onTestFinished(() => {
    for (const open of [first, second, reader]) open.close()
  })
  return { path, first, second, reader }
}

const start = (key: string, pid: number) => ({ what: 'start', key, pid, at: 0, delivery: 'live' }) as const
const end = (key: string, pid: number) => ({ what: 'end', key, pid, at: 0 }) as const

test('keeps the lines of all writers in the order in which they were written', () => {
  const { first, second, reader } = ledgerFile()
  first.write(start('a', 1))
  second.write(start('b', 2))
  first.write(end('a', 1))
  expect(reader.read()).toEqual([start('a', 1), start('b', 2), end('a', 1)])
  second.write(end('b', 2))
  expect(reader.read().at(-1)).toEqual(end('b', 2))
})

test('reads a line only when it is whole', () => {
  const { path, reader } = ledgerFile()
  const line = `${JSON.stringify(start('é', 1))}\n`
  appendFileSync(path, line.slice(0, 30))
  expect(reader.read()).toEqual([])
  appendFileSync(path, line.slice(30))
  expect(reader.read()).toEqual([start('é', 1)])
})

test('knows what a process has begun and not ended', () => {
  const { first, reader } = ledgerFile()
  for (const line of [start('a', 1), start('b', 1), end('a', 1), start('c', 2)]) first.write(line)
  expect([...reader.openOf(1)]).toEqual(['b'])
})
