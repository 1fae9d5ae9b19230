import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { brokenLinks } from './docs/links.ts'

const ROOT = join(import.meta.dirname, '..')

const pages = () =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean)

test('every link of every page leads to a file, and a heading of it, that there is', () => {
  expect(pages().length).toBeGreaterThan(10)
  expect(pages().flatMap((page) => brokenLinks(join(ROOT, page), ROOT))).toEqual([])
})

test('a link that leads nowhere is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-links-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const page = join(folder, 'page.md')
  const good = '[a](#a-heading--or-two) [b](page.md#again-1) [c](https://example.com/x.md) `[d](not-code.md)`'
  const bad = '[e](gone.md) [f](#none) [g](page.md#again-2)\n\n[h]: gone.ts'
  writeFileSync(page, `# A heading & or two\n\n## Again\n\n## Again\n\n${good}\n${bad}\n`)
  const found = ['gone.md', '#none', 'page.md#again-2', 'gone.ts'].map((target) => `page.md: ${target}`)
  expect(brokenLinks(page, folder)).toEqual(found)
})
