import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const HEADING = /^#{1,6} (.+)$/gm
const FENCED = /^(`{3,}).*?^\1$/gms
const INLINE = /\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$/gm
const CODE = /`[^`\n]*`/g

/** What a page links to within the project and is not there: file or heading, one line each. Pages elsewhere are not looked at. */
export function brokenLinks(page: string, root: string): readonly string[] {
  const text = readFileSync(page, 'utf8').replace(FENCED, '')
  return [...text.replace(CODE, (code) => code.replaceAll(']', ' ')).matchAll(INLINE)]
    .map(([, inline, reference]) => inline ?? reference ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !resolves(page, target))
    .map((target) => `${relative(root, page)}: ${target}`)
}

function resolves(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : join(dirname(page), decodeURI(path))
  if (!existsSync(file)) return false
  if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith('.md')) return true
  return anchorsOf(file).has(anchor)
}

/** As GitHub makes them: lower case, without punctuation, words joined by hyphens; numbered where a heading occurs again. */
function anchorsOf(file: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of readFileSync(file, 'utf8').replace(FENCED, '').matchAll(HEADING)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    let unique = anchor
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`
    anchors.add(unique)
  }
  return anchors
}
