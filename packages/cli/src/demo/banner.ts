/** Lines in a box, so that they are found among all others. */
export function banner(lines: readonly string[]): readonly string[] {
  const width = Math.max(...lines.map((line) => line.length))
  const edge = '─'.repeat(width + 4)
  return [`┌${edge}┐`, ...lines.map((line) => `│  ${line.padEnd(width)}  │`), `└${edge}┘`]
}
