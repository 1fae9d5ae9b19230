/** The reactions that the page offers: Slack's name for each, and the emoji itself. */
export const REACTIONS = [
  { name: 'wave', emoji: '👋' },
  { name: 'thumbsup', emoji: '👍' },
  { name: 'heart', emoji: '❤️' },
  { name: 'tada', emoji: '🎉' },
  { name: 'eyes', emoji: '👀' },
  { name: 'rocket', emoji: '🚀' },
] as const

export type Reaction = (typeof REACTIONS)[number]

/** More names that bots use on Slack. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ...REACTIONS.map(({ name, emoji }) => [name, emoji] as const),
  ['+1', '👍'],
  ['ocean', '🌊'],
  ['otter', '🦦'],
  ['white_check_mark', '✅'],
  ['warning', '⚠️'],
  ['hourglass_flowing_sand', '⏳'],
  ['smile', '😄'],
])

/** The emoji of a Slack name, with or without its colons; undefined for names that the page does not know. */
export function emojiOf(name: string): string | undefined {
  return NAMED.get(name.replaceAll(':', ''))
}
