/*
 * Event patterns: what a subscription wishes for. Parts are set apart by dots; `*` stands for one part, and at the end for
 * all the rest: `slack.*` includes `slack.interactive.block_actions`.
 */

/** A wish that has been read. Made by `parsePattern` only. */
export interface Pattern {
  readonly text: string
  readonly parts: readonly string[]
}

/** A pattern, or in one line why it is none. */
export type ParsedPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  /** One line: which pattern, what is wrong, and what was probably meant. */
  | { readonly ok: false; readonly problem: string }

const PLATFORMS = ['slack', 'discord', 'holdfast']
const ANY = '*'

/** Reads a pattern. Never throws. */
export function parsePattern(text: string): ParsedPattern {
  const fault = faultOf(text)
  if (fault === undefined) return { ok: true, pattern: { text, parts: text.split('.') } }
  const meant = suggestion(text)
  const hint =
    meant === undefined ? 'write it like "slack.message" or "discord.*"' : `did you mean "${meant}"?`
  return { ok: false, problem: `event pattern ${JSON.stringify(text.slice(0, 100))}: ${fault}; ${hint}` }
}

/** Whether the pattern includes the event type. A last `*` stands for one part at least. */
export function matchesPattern(pattern: Pattern, type: string): boolean {
  const wanted = pattern.parts
  const given = type.split('.')
  const open = wanted.at(-1) === ANY
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((part, index) => part === ANY || part === given[index])
}

/**
 * Sorts patterns so that the first which matches is the most specific one: one without `*` comes first, then the one with more
 * literal parts, then the one with more parts; equals stay as they were.
 */
export function moreSpecificFirst(a: Pattern, b: Pattern): number {
  const [left, right] = [rank(a), rank(b)]
  return left.open - right.open || right.literalCount - left.literalCount || right.partCount - left.partCount
}

function rank({ parts }: Pattern) {
  const literalCount = parts.filter((part) => part !== ANY).length
  return { open: literalCount < parts.length ? 1 : 0, literalCount, partCount: parts.length }
}

function faultOf(text: string): string | undefined {
  const parts = text.split('.')
  const [platform = '', ...rest] = parts
  if (text === ANY) return undefined
  if (parts.some((part) => part === '')) return 'a part is empty'
  if (parts.some((part) => part !== ANY && part.includes(ANY))) return '"*" stands for a whole part'
  if (!parts.every((part) => part === ANY || /^[A-Za-z0-9_-]+$/.test(part)))
    return 'a part has other characters than letters, digits, "_" and "-"'
  if (platform !== ANY && !PLATFORMS.includes(platform))
    return `it must begin with ${PLATFORMS.map((known) => `"${known}"`).join(', ')} or "*"`
  if (rest.length === 0) return 'the type is missing'
  return faultOfType(platform, rest)
}

function faultOfType(platform: string, rest: readonly string[]): string | undefined {
  if (rest.includes(ANY)) return undefined
  const type = rest.join('.')
  if (platform === 'discord' && !/^[A-Z0-9_]+$/.test(type)) return "Discord's types are one word of capitals"
  if (platform === 'slack' && type !== type.toLowerCase()) return "Slack's types are lower case"
  // `message.channels` is a name to subscribe to at Slack; the events that come are all `message`.
  if (platform === 'slack' && /^message\./.test(type)) return 'Slack delivers all its messages as one type'
  if (platform === 'slack' && type === 'interactive') return 'interactive events name their kind as well'
  if (platform === 'holdfast' && type !== 'gap') return 'Holdfast itself has one type of event'
  return undefined
}

/** The nearest pattern without fault, or nothing where that would be guessing. */
function suggestion(text: string): string | undefined {
  const parts = text.trim().replaceAll('**', ANY).split('.').filter(Boolean)
  const platform = nearestPlatform(parts[0] ?? '')
  if (platform === undefined) return undefined
  const meant = [platform, ...meantType(platform, parts.slice(1))].join('.')
  return faultOf(meant) === undefined ? meant : undefined
}

function meantType(platform: string, parts: readonly string[]): readonly string[] {
  if (platform === 'holdfast') return ['gap']
  const words = parts.map((part) => (part.includes(ANY) ? ANY : part))
  if (words.length === 0) return [ANY]
  if (platform === 'discord') return [words.join('_').replaceAll(/[ -]/g, '_').toUpperCase()]
  const lower = words.map((word) => word.toLowerCase())
  if (lower[0] === 'message') return ['message']
  return lower.join() === 'interactive' ? [...lower, ANY] : lower
}

function nearestPlatform(word: string): string | undefined {
  if (word === ANY) return word
  return PLATFORMS.find((known) => distance(known, word.toLowerCase()) <= 2)
}

/** How many letters must be put in, taken out or replaced to make `b` of `a` (Levenshtein). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (b[column - 1] === letter ? 0 : 1)
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[b.length] ?? 0
}
