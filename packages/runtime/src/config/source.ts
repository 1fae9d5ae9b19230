import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { substitute } from './substitution.ts'

/** The way to a value inside the configuration. */
export type Path = readonly PropertyKey[]
/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Configuration as it was written, not yet validated, and where each value of it stands. */
export interface ConfigSource {
  readonly value: unknown
  /** What is wrong with the writing itself; when there is any, `value` is not to be used. */
  readonly problems: readonly string[]
  /** Where the value (or, with `key`, the key below it) stands, as people look for it: `holdfast.yaml:12`. */
  locate(path: Path, key?: string): string
}

/**
 * Reads YAML, with `${…}` in its texts replaced from `env`. `name` is what problems call the file; the blocks of `ignore`
 * count as left out.
 */
export function readYaml(
  text: string,
  name: string,
  env: Environment,
  ignore: readonly string[] = [],
): ConfigSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined) =>
    offset === undefined ? name : `${name}:${lines.linePos(offset).line}`

  // Only the first: once the reader is off its track, what it finds wrong after that is not what is wrong.
  const problems = document.errors
    .slice(0, 1)
    .map((error) => `${at(error.pos[0])}: ${unquoted(text, error.pos[0]) ?? notYaml(error.message)}`)
  if (isMap(document.contents)) for (const block of ignore) document.delete(block)
  if (problems.length === 0) problems.push(...substituteAll(document, env, at))
  return {
    value: problems.length === 0 ? (withoutNulls(document.toJS()) ?? {}) : undefined,
    problems,
    locate: (path, key) => at(offsetOf(document, path, key)),
  }
}

type Document = ReturnType<typeof parseDocument>

function substituteAll(document: Document, env: Environment, at: (offset?: number) => string): string[] {
  const problems: string[] = []
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      const result = substitute(node.value, env)
      if (result.kind === 'done') {
        node.value = result.text
        return
      }
      const where = `${at(node.range?.[0])}: ${describePath(pathOf(node, ancestors))}`
      problems.push(
        result.kind === 'unset'
          ? `${where}: the environment variable ${result.variable} is not set: set it, or write \${${result.variable}:-default}`
          : `${where}: "${result.part}" is no substitution: write \${NAME}, \${NAME:-default}, or $\${ for the text itself`,
      )
    },
  })
  return problems
}

/** The path of a node from the ancestors that `visit` gives, each collection followed by its pair or item. */
function pathOf(node: unknown, ancestors: readonly unknown[]): Path {
  const chain = [...ancestors, node]
  const path: PropertyKey[] = []
  for (const [index, ancestor] of chain.entries()) {
    if (typeof ancestor !== 'object' || ancestor === null) continue
    if ('key' in ancestor && isScalar(ancestor.key)) path.push(String(ancestor.key.value))
    else if ('items' in ancestor && Array.isArray(ancestor.items) && !isMap(ancestor))
      path.push(ancestor.items.indexOf(chain[index + 1]))
  }
  return path
}

/** The offset of the deepest part of `path` that is written down. */
function offsetOf(document: Document, path: Path, key?: string): number | undefined {
  let node: unknown = document.contents
  let offset = (node as Node | null)?.range?.[0]
  for (const part of key === undefined ? path : [...path, key]) {
    const step = child(node, part)
    if (!step) return offset
    offset = step.offset ?? offset
    node = step.node
  }
  return offset
}

function child(
  parent: unknown,
  part: PropertyKey,
): { node: unknown; offset: number | undefined } | undefined {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return undefined
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === part)
    return pair && { node: pair.value, offset: (pair.key as Node).range?.[0] }
  }
  const node: unknown = parent.items[Number(part)]
  return node === undefined ? undefined : { node, offset: (node as Node).range?.[0] }
}

/** A key with nothing after it counts as left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const kept = Object.entries(value).map(([key, inner]) => [key, withoutNulls(inner)] as const)
  return Object.fromEntries(kept.filter(([, inner]) => inner !== undefined))
}

/** `connections[0].token` */
export function describePath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

function notYaml(message: string): string {
  return `not valid YAML: ${message.split('\n', 1)[0]}`
}

/** A `${…}` inside `{ }` or `[ ]`, where YAML takes its brace for one of its own. */
function unquoted(text: string, offset: number): string | undefined {
  const [part] = /^\$\{[^}\n]*\}/.exec(text.slice(Math.max(0, offset - 1))) ?? []
  return part && `${part} must be in quotes inside { } and [ ]: write "${part}"`
}
