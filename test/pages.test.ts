import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'deploy/README.md', 'docs/reference.md']

// A page that names what is not there is wrong, however well it reads.
describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#\s]+)/g)].map((match) => match[1] ?? '')
  const local = links.filter((link) => !/^[a-z]+:/.test(link))

  it.each(local.length > 0 ? local : ['.'])('links to %s, which is there', (link) => {
    expect(existsSync(join(root, dirname(page), link))).toBe(true)
  })

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
    const named = [...text.matchAll(/npm run ([a-z-]+)/g)].map((match) => match[1])
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })
})
