/*
 * Members of a JSON object and elements of a list, cut out of its text as they stand. Parsing and writing again would change what the platform
 * sent (integers beyond 2^53, key order, escapes, duplicate keys); cutting changes nothing.
 *
 * All functions expect text that JSON.parse accepts; they walk it once, skip strings and nesting, and check nothing.
 * Where a key occurs twice the last one counts, as it does for JSON.parse.
 */

interface Member {
  readonly key: string
  readonly startIndex: number
  readonly valueIndex: number
  readonly endIndex: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The text of one member's value, byte for byte. `undefined` when the object has no such member, or when the text is
 * no object. The text must be JSON.
 */
export function memberText(objectText: string, key: string): string | undefined {
  const member = members(objectText).findLast((candidate) => candidate.key === key)
  return member && objectText.slice(member.valueIndex, member.endIndex)
}

/**
 * The texts of a list's elements, byte for byte, in order; none where the text is no list. The text must be JSON.
 */
export function elementTexts(listText: string): readonly string[] {
  const found: string[] = []
  let index = skipSpace(listText, 0)
  if (listText[index] !== '[') return found
  index = skipSpace(listText, index + 1)
  while (index < listText.length && listText[index] !== ']') {
    const endIndex = valueEnd(listText, index)
    found.push(listText.slice(index, endIndex))
    index = skipSpace(listText, endIndex)
    if (listText[index] === ',') index = skipSpace(listText, index + 1)
  }
  return found
}

/** The same object without the members of that name; every other member stands as it was. The text must be a JSON object. */
export function withoutMember(objectText: string, key: string): string {
  const kept = members(objectText).filter((member) => member.key !== key)
  return `{${kept.map((member) => objectText.slice(member.startIndex, member.endIndex)).join(',')}}`
}

/** The same object with one more member in front, unless it has one of that name. The text must be a JSON object. */
export function withMember(objectText: string, key: string, valueText: string): string {
  const present = members(objectText)
  if (present.some((member) => member.key === key)) return objectText
  const body = objectText.slice(objectText.indexOf('{') + 1)
  return `{${JSON.stringify(key)}:${valueText}${present.length > 0 ? ',' : ''}${body}`
}

function members(text: string): Member[] {
  const found: Member[] = []
  let index = skipSpace(text, 0)
  if (text[index] !== '{') return found
  index = skipSpace(text, index + 1)
  while (text[index] === '"') {
    const member = memberAt(text, index)
    found.push(member)
    index = skipSpace(text, member.endIndex)
    if (text[index] !== ',') break
    index = skipSpace(text, index + 1)
  }
  return found
}

function memberAt(text: string, startIndex: number): Member {
  const keyEndIndex = stringEnd(text, startIndex)
  const valueIndex = skipSpace(text, skipSpace(text, keyEndIndex) + 1)
  const key = keyAt(text, startIndex, keyEndIndex)
  return { key, startIndex, valueIndex, endIndex: valueEnd(text, valueIndex) }
}

/** Keys may be escaped (`"\u0065vent"` is `event`); nearly none is. */
function keyAt(text: string, startIndex: number, endIndex: number): string {
  const inner = text.slice(startIndex + 1, endIndex - 1)
  if (!inner.includes('\\')) return inner
  return String(JSON.parse(text.slice(startIndex, endIndex)))
}

function valueEnd(text: string, startIndex: number): number {
  const first = text[startIndex]
  if (first === '"') return stringEnd(text, startIndex)
  if (first === '{' || first === '[') return nestingEnd(text, startIndex)
  let index = startIndex
  while (index < text.length && !isScalarEnd(text.charCodeAt(index))) index++
  return index
}

function nestingEnd(text: string, startIndex: number): number {
  let depth = 0
  let index = startIndex
  while (index < text.length) {
    const char = text[index]
    if (char === '"') {
      index = stringEnd(text, index)
      continue
    }
    if (char === '{' || char === '[') depth++
    if (char === '}' || char === ']') depth--
    index++
    if (depth === 0) return index
  }
  return index
}

/** The index after the closing quote. A backslash hides whatever follows it, a quote or another backslash. */
function stringEnd(text: string, openIndex: number): number {
  let index = openIndex + 1
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) return index + 1
    index += code === BACKSLASH ? 2 : 1
  }
  return text.length
}

function skipSpace(text: string, startIndex: number): number {
  let index = startIndex
  while (isSpace(text.charCodeAt(index))) index++
  return index
}

/** The four characters that JSON counts as white space (RFC 8259, section 2). */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function isScalarEnd(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || isSpace(code)
}
