import { parseAst } from 'vitest/node'

/** A syntax tree node, as far as the rules look at it. */
interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

export interface Import {
  readonly specifier: string
  /** Gone after compilation: nothing of it runs. */
  readonly typeOnly: boolean
}

/** What the rules need to know of one file. */
export interface SourceFile {
  /** From the project's folder: `packages/queue/src/sink.ts`. */
  readonly path: string
  readonly imports: readonly Import[]
  /** Uses of the system's time and chance: `Date.now`, `setTimeout`, … */
  readonly ambient: readonly string[]
}

const AMBIENT_MEMBERS = ['Date.now', 'Math.random', 'performance.now', 'AbortSignal.timeout']
const AMBIENT_CALLS = ['setTimeout', 'setInterval']

/** Reads a file's syntax tree, so that comments and strings don't count. */
export function readSource(path: string, text: string): SourceFile {
  const imports: Import[] = []
  const ambient: string[] = []
  visit(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), (node) => {
    imports.push(...importsOf(node))
    ambient.push(...ambientUsesOf(node))
  })
  return { path, imports, ambient }
}

function importsOf(node: Node): Import[] {
  const specifier = isNode(node.source) ? node.source.value : undefined
  if (typeof specifier !== 'string') return []
  return [{ specifier, typeOnly: isTypeOnly(node) }]
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType') return true
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const names = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
  return names.length > 0 && names.every((name) => name.importKind === 'type' || name.exportKind === 'type')
}

function ambientUsesOf(node: Node): string[] {
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node.object)}.${nameOf(node.property)}`
    return AMBIENT_MEMBERS.includes(name) ? [name] : []
  }
  if (node.type === 'CallExpression' && AMBIENT_CALLS.includes(nameOf(node.callee)))
    return [nameOf(node.callee)]
  const bareDate = node.type === 'NewExpression' && nameOf(node.callee) === 'Date'
  return bareDate && Array.isArray(node.arguments) && node.arguments.length === 0 ? ['new Date()'] : []
}

function nameOf(value: unknown): string {
  if (!isNode(value)) return ''
  // globalThis.setTimeout is setTimeout
  if (value.type === 'MemberExpression' && nameOf(value.object) === 'globalThis')
    return nameOf(value.property)
  return value.type === 'Identifier' ? String(value.name) : ''
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, look)
  if (!isNode(value)) return
  look(value)
  for (const child of Object.values(value)) if (typeof child === 'object') visit(child, look)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
