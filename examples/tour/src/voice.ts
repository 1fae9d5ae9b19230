/** How a release answers, and what it says about. */
export interface Voice {
  /** Every answer quotes what it answers between “ and ”, so that anybody can tell which belongs to which. */
  heard(what: string): string
}

const MOODS = ['⛵ sailing on:', '🐬 surfacing:', '🐙 eight arms up:'] as const

/** A longer text is quoted up to here. */
const QUOTE_LENGTH = 80

/** The first release answers plainly, the second with a voice of its own, later ones in turns; each says its version. */
export function voiceOf(version: string): Voice {
  const number = Number(version.slice(1))
  return { heard: (what) => sentence(version, number, quoted(what)) }
}

function sentence(version: string, number: number, quote: string): string {
  if (number === 2) return `🌊 ahoy! ${version} caught ${quote}`
  const mood = number > 2 ? MOODS[(number - 3) % MOODS.length] : undefined
  return mood === undefined ? `${version} heard ${quote}` : `${mood} ${version} heard ${quote}`
}

function quoted(text: string): string {
  return `“${text.length > QUOTE_LENGTH ? `${beginning(text)}…` : text}”`
}

/** Without half an emoji at its end: alone, that is no text, and comes back from the platform as something else. */
function beginning(text: string): string {
  return text.slice(0, QUOTE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')
}
