import type { Platform } from '../../src/facts.ts'
import { emojiOf } from './emoji.ts'

/** A piece of a message's text. None is ever taken for HTML. */
export type TextPiece = {
  readonly what: 'text' | 'code' | 'block' | 'mention' | 'strong' | 'link'
  readonly text: string
}

type NameOf = (id: string) => string | undefined
type Reading = (match: readonly string[], nameOf: NameOf) => TextPiece

const BLOCK = /```\n?([\s\S]+?)\n?```/
const CODE = /`([^`\n]+)`/
const LINK = /(https?:\/\/[^\s<>|]+)/

const block: Reading = ([, text = '']) => ({ what: 'block', text })
const code: Reading = ([, text = '']) => ({ what: 'code', text })
const strong: Reading = ([, text = '']) => ({ what: 'strong', text })
const link: Reading = ([, text = '']) => ({ what: 'link', text })
const mention: Reading = ([, id = ''], nameOf) => ({ what: 'mention', text: `@${nameOf(id) ?? id}` })
const emoji: Reading = ([whole = '', name = '']) => ({ what: 'text', text: emojiOf(name) ?? whole })

/** What each platform writes in its texts. The first that fits wins. */
const MARKUP: Readonly<Record<Platform, readonly (readonly [RegExp, Reading])[]>> = {
  slack: [
    [BLOCK, block],
    [CODE, code],
    [/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/, mention],
    [/<(https?:\/\/[^|>]+)(?:\|[^>]*)?>/, link],
    [LINK, link],
    [/(?<![\w*])\*(?!\s)([^*\n]*[^*\s])\*(?![\w*])/, strong],
    [/:([a-z0-9_+-]+):/, emoji],
  ],
  discord: [
    [BLOCK, block],
    [CODE, code],
    [/<@!?(\d+)>/, mention],
    [LINK, link],
    [/\*\*(?!\s)([^*\n]*[^*\s])\*\*/, strong],
  ],
}

/** Both platforms bound a text far below it; what is longer than people write is not searched for markup. */
const MARKUP_BOUND = 8_000

/** A message's text as pieces, in order. `nameOf` gives people's names by id. */
export function piecesOf(platform: Platform, text: string, nameOf: NameOf): readonly TextPiece[] {
  if (text.length > MARKUP_BOUND) return [{ what: 'text', text: plainOf(platform, text) }]
  const pieces: TextPiece[] = []
  let rest = text
  while (rest !== '') {
    const found = firstMarkup(platform, rest)
    if (!found) break
    const { match, read } = found
    if (match.index > 0) pieces.push({ what: 'text', text: rest.slice(0, match.index) })
    pieces.push(read(match, nameOf))
    rest = rest.slice(match.index + match[0].length)
  }
  if (rest !== '') pieces.push({ what: 'text', text: rest })
  return pieces.map((piece) => ({ ...piece, text: plainOf(platform, piece.text) }))
}

/** What a person typed, as the platform's own client would send it. */
export function outgoingText(platform: Platform, text: string): string {
  if (platform === 'discord') return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Slack writes three characters as entities, and only those. */
function plainOf(platform: Platform, text: string): string {
  if (platform === 'discord') return text
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function firstMarkup(platform: Platform, text: string) {
  let first: { readonly match: RegExpExecArray; readonly read: Reading } | undefined
  for (const [pattern, read] of MARKUP[platform]) {
    const match = pattern.exec(text)
    if (match && match.index < (first?.match.index ?? Number.POSITIVE_INFINITY)) first = { match, read }
  }
  return first
}
