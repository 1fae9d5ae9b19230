/**
 * Aligned, and readable without colour. With an empty line in front; nothing at all without rows, and no column in which no row has
 * anything.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const used = head.map((_, column) => rows.some((row) => row[column]))
  const lines = [head, ...rows].map((row) => row.filter((_, column) => used[column]))
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  return [
    '',
    ...lines.map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
  ]
}
