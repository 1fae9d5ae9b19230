import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultRow } from './fault-tables.ts'
import { TestTitles } from './test-titles.ts'

/** What a page's rows name and is not there, one line each; `folder` is the page's. */
export function missingTests(rows: readonly FaultRow[], folder: string): readonly string[] {
  const titles = new Map<string, TestTitles>()
  return rows.flatMap(({ fault, tests, testCell }) => {
    if (tests.length !== testCell.split('<br>').length) return [`${fault}: it names no test in "${testCell}"`]
    return tests
      .filter(({ path, title }) => {
        const file = join(folder, path ?? '')
        if (path === undefined || !existsSync(file)) return true
        const known = titles.get(file) ?? new TestTitles(file)
        titles.set(file, known)
        return !known.has(title)
      })
      .map(({ path, title }) => `${fault}: no "${title}" in ${path}`)
  })
}
