/** One row of a table of faults. */
export interface FaultRow {
  /** The heading above its table. */
  readonly section: string
  readonly fault: string
  readonly documented: string
  readonly does: string
  readonly tests: readonly NamedTest[]
  /** The cell of the tests as it stands. */
  readonly testCell: string
}

/** A test that a row names. */
export interface NamedTest {
  /** From the page's folder; absent where the page does not say what the name means. */
  readonly path: string | undefined
  readonly title: string
}

/** Four columns, the last of which names tests. */
const HEADS = [
  ['fault', 'what the platform documents', 'what Holdfast does', 'test'],
  ['case', 'what stops harm', 'what remains', 'test'],
].map((head) => head.join())
const NAMED_TEST = /^\[([\w-]+)\] “(.+)”$/
const DEFINITION = /^\[([^\]]+)\]: (\S+)$/gm

/** The rows of all tables of faults in a page of markdown. */
export function readFaultTables(page: string): readonly FaultRow[] {
  const targets = new Map([...page.matchAll(DEFINITION)].map(([, name = '', target = '']) => [name, target]))
  const rows: FaultRow[] = []
  let section = ''
  let inTable = false
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3)
    const cells = cellsOf(line)
    if (inTable && cells[0] !== undefined && !/^-+$/.test(cells[0]))
      rows.push(readRow(cells, section, targets))
    inTable = HEADS.includes(cells.join()) || (inTable && cells.length > 0)
  }
  return rows
}

function cellsOf(line: string): readonly string[] {
  return line.startsWith('|')
    ? line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim())
    : []
}

function readRow(cells: readonly string[], section: string, targets: ReadonlyMap<string, string>): FaultRow {
  const [fault = '', documented = '', does = '', testCell = ''] = cells
  const tests = testCell.split('<br>').flatMap((part) => {
    const [, name, title] = NAMED_TEST.exec(part) ?? []
    return name !== undefined && title !== undefined ? [{ path: targets.get(name), title }] : []
  })
  return { section, fault, documented, does, tests, testCell }
}

/** Names in brackets that no definition of the page explains. */
export function undefinedNames(page: string): readonly string[] {
  const known = new Set([...page.matchAll(DEFINITION)].map(([, name]) => name))
  const used = [...page.matchAll(/(?<!\])\[([\w-]+)\](?![(:])/g)].map(([, name = '']) => name)
  return [...new Set(used)].filter((name) => !known.has(name))
}
