import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { undefinedNames } from './docs/fault-tables.ts'
import { TestTitles } from './docs/test-titles.ts'

const ROOT = join(import.meta.dirname, '..')
const DOCS = join(ROOT, 'docs')
const PAGE = readFileSync(join(DOCS, 'workers.md'), 'utf8')
const SECTIONS = PAGE.split(/^## /m).slice(1)

/** What is no claim about the code, or says what not to do. */
const UNTESTED = ['What to avoid']

const FILES = new Map(
  [...PAGE.matchAll(/^\[([\w-]+)\]: (\S+)$/gm)].map(([, name = '', path = '']) => [name, path]),
)

/** Code as it is compared: by its lines, however far they are indented. */
const linesOf = (code: string) =>
  code
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

describe('the guide for workers', () => {
  test('takes its code from files that are compiled', () => {
    const blocks = [...PAGE.matchAll(/(?:^<!-- (\S+) -->\n\n)?^```ts\n([\s\S]*?)^```$/gm)]
    expect(blocks).not.toEqual([])
    const foreign = blocks.filter(([, path, code = '']) => {
      if (path === undefined || !existsSync(join(ROOT, path))) return true
      return !linesOf(readFileSync(join(ROOT, path), 'utf8')).includes(linesOf(code))
    })
    expect(foreign.map(([block]) => block)).toEqual([])
  })

  test('names, for each section, tests that there are', () => {
    const missing = SECTIONS.flatMap((section) => {
      const [title = ''] = section.split('\n')
      const named = [...section.matchAll(/\[([\w-]+)\] “(.+?)”/g)]
      if (named.length === 0 && !UNTESTED.includes(title)) return [`${title}: it names no test`]
      return named
        .filter(([, file = '', test = '']) => !hasTest(FILES.get(file), test))
        .map(([, file, test]) => `${title}: no “${test}” in ${file}`)
    })
    expect(missing).toEqual([])
  })

  test('explains every name in brackets', () => {
    expect(undefinedNames(PAGE)).toEqual([])
    expect([...FILES.keys()].filter((name) => !PAGE.includes(`[${name}] “`))).toEqual([])
  })

  test('names examples that there are', () => {
    const named = [...PAGE.matchAll(/\]\(\.\.\/(examples\/[^)]+)\)/g)].map(([, path = '']) => path)
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})

function hasTest(path: string | undefined, title: string): boolean {
  const file = join(DOCS, path ?? '')
  return path !== undefined && existsSync(file) && new TestTitles(file).has(title)
}
