/** High and low water of an imaginary harbour, a table of fixed width. */
export function tideTable(): string {
  const rows = [
    ['03:12', 'low', '0.4 m'],
    ['09:27', 'high', '3.1 m'],
    ['15:40', 'low', '0.6 m'],
    ['21:55', 'high', '2.9 m'],
  ]
  const lines = rows.map(([time = '', what = '', height = '']) => `${time}  ${what.padEnd(4)}  ${height}`)
  return `\`\`\`\n${lines.join('\n')}\n\`\`\``
}
