import { z } from 'zod'
import { didYouMean } from '../suggestion.ts'
import { type ConfigSource, describePath, type Path } from './source.ts'

/** One line per problem: where it stands, which value, what is wrong and what would be right. Never a credential. */
export function explain(error: z.ZodError, schema: z.ZodType, source: ConfigSource): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(key, issue.path, schema, source))
    const what = describePath(issue.path) || 'the whole'
    return `${source.locate(issue.path)}: ${what}: ${reason(issue, valueAt(source.value, issue.path))}`
  })
}

function unknownKey(key: string, path: Path, schema: z.ZodType, source: ConfigSource): string {
  const known = keysAt(schema, source.value, path)
  const hint = didYouMean(key, known) || `; known here: ${known.join(', ')}`
  return `${source.locate(path, key)}: unknown key "${describePath([...path, key])}"${hint}`
}

function reason(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== 'custom') return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}, not ${typeName(value)}`
    case 'invalid_value':
      return oneOf(issue.values, value)
    case 'invalid_union':
      return 'options' in issue ? oneOf(issue.options ?? [], value) : issue.message
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? issue.message
        : `must be at least ${issue.minimum}`
    case 'too_big':
      // Beyond what a number can hold exactly, no schema of ours has a word for it.
      return issue.origin === 'int' ? `must be at most ${issue.maximum}` : issue.message
    default:
      return issue.message
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'number' ? 'a number' : (TYPE_NAMES[typeof value] ?? typeof value)
}

/** Only values from a fixed choice are ever repeated to the reader: they can't be credentials unless misplaced. */
function oneOf(options: readonly unknown[], value: unknown): string {
  const names = options.map(String)
  if (typeof value !== 'string' || looksSecret(value)) return `must be one of ${names.join(', ')}`
  return `unknown value "${value}"${didYouMean(value, names) || `; known here: ${names.join(', ')}`}`
}

function looksSecret(text: string): boolean {
  return text.length > 40 || /^(xox|xapp-)/i.test(text)
}

/** The keys that the schema knows at `path`; a union is resolved by the value that stands there. */
function keysAt(schema: z.ZodType, value: unknown, path: Path): string[] {
  const here = resolve(schema, value)
  const [part, ...rest] = path
  if (part === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : []
  const inner =
    here instanceof z.ZodObject
      ? here.shape[String(part)]
      : here instanceof z.ZodArray
        ? here.element
        : undefined
  return inner instanceof z.ZodType ? keysAt(inner, valueAt(value, [part]), rest) : []
}

function resolve(schema: z.ZodType, value: unknown): z.ZodType {
  if (schema instanceof z.ZodPipe) return resolve(schema.in as z.ZodType, value)
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return resolve(schema.unwrap() as z.ZodType, value)
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema
  const { discriminator } = schema.def
  const chosen = valueAt(value, [discriminator])
  const options = schema.options.map((option) => resolve(option as z.ZodType, value))
  const fitting = options.find((option) => accepts(option, discriminator, chosen))
  return fitting ?? schema
}

function accepts(option: z.ZodType, key: string, value: unknown): boolean {
  if (!(option instanceof z.ZodObject)) return false
  const literal: unknown = option.shape[key]
  return literal instanceof z.ZodLiteral && literal.values.has(value as never)
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  )
}
