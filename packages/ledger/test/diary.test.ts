import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Diary, DiaryReader } from '../src/diary.ts'

function diaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-diary-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'diary.jsonl')
  const [first, second, reader] = [new Diary(path), new Diary(path), new DiaryReader(path)]
  onTestFinished(() => {
    for (const open of [first, second, reader]) open.close()
  })
  return { path, first, second, reader }
}

const start = (key: string, pid: number) => ({ what: 'begin', key, pid, at: 0, delivery: 'live' }) as const
const end = (key: string, pid: number) => ({ what: 'end', key, pid, at: 0 }) as const

test('keeps the lines of all writers in the order in which they were written', () => {
  const { first, second, reader } = diaryFile()
  first.write(start('a', 1))
  second.write(start('b', 2))
  first.write(end('a', 1))
  expect(reader.next()).toEqual([start('a', 1), start('b', 2), end('a', 1)])
  second.write(end('b', 2))
  expect(reader.next().at(-1)).toEqual(end('b', 2))
})

test('reads a line only when it is whole', () => {
  const { path, reader } = diaryFile()
  const line = `${JSON.stringify(start('é', 1))}\n`
  appendFileSync(path, line.slice(0, 30))
  expect(reader.next()).toEqual([])
  appendFileSync(path, line.slice(30))
  expect(reader.next()).toEqual([start('é', 1)])
})

test('knows what a process has begun and not ended', () => {
  const { first, reader } = diaryFile()
  for (const line of [start('a', 1), start('b', 1), end('a', 1), start('c', 2)]) first.write(line)
  expect([...reader.openOf(1)]).toEqual(['b'])
})
