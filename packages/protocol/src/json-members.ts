const STRUCTURAL = /["{}[\]]/g
const SCALAR_END = /[,\]}\s]/g
const SPACE = /[^\s]/g

/**
 * The raw texts of a JSON object's own members, byte for byte as they came; of a repeated key the last, as JSON.parse
 * has it. Stops early at `until`, if given, once that member is read. `undefined` where the text is not a JSON object as
 * far as it was read. Keys are decoded; values are only delimited, not checked.
 */
export function memberTexts(text: string, until?: string): ReadonlyMap<string, string> | undefined {
  const members = new Map<string, string>()
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return undefined
  at = skipSpace(text, at + 1)
  if (text[at] === '}') return members
  for (;;) {
    const member = readMember(text, at)
    if (!member) return undefined
    members.set(member.key, member.value)
    if (member.key === until) return members
    at = skipSpace(text, member.end)
    if (text[at] === '}') return members
    if (text[at] !== ',') return undefined
    at = skipSpace(text, at + 1)
  }
}

function readMember(text: string, at: number): { key: string; value: string; end: number } | undefined {
  const keyEnd = endOfString(text, at)
  if (keyEnd === undefined) return undefined
  const colon = skipSpace(text, keyEnd)
  if (text[colon] !== ':') return undefined
  const start = skipSpace(text, colon + 1)
  const end = endOfValue(text, start)
  const key = decodeKey(text.slice(at, keyEnd))
  if (end === undefined || end === start || key === undefined) return undefined
  return { key, value: text.slice(start, end), end }
}

function decodeKey(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return undefined // An escape that JSON does not know.
  }
}

function endOfValue(text: string, start: number): number | undefined {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first === '{' || first === '[') return endOfContainer(text, start)
  return search(SCALAR_END, text, start)
}

function endOfContainer(text: string, start: number): number | undefined {
  let depth = 0
  let at: number | undefined = start
  while (at !== undefined) {
    const character = text[at]
    if (character === '"') {
      const end = endOfString(text, at)
      if (end === undefined) return undefined
      at = search(STRUCTURAL, text, end)
      continue
    }
    depth += character === '{' || character === '[' ? 1 : -1
    if (depth === 0) return at + 1
    at = search(STRUCTURAL, text, at + 1)
  }
  return undefined
}

function endOfString(text: string, start: number): number | undefined {
  if (text[start] !== '"') return undefined
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (!isEscaped(text, at)) return at + 1
  }
  return undefined
}

/** A quote is part of its string when an odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote
  while (text[at - 1] === '\\') at--
  return (quote - at) % 2 === 1
}

function skipSpace(text: string, at: number): number {
  return search(SPACE, text, at) ?? text.length
}

function search(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from
  return pattern.exec(text)?.index
}
