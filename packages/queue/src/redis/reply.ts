/** What a script answers has no type: here it becomes texts. What is no list is an empty one. */
export function textsOf(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : []
}

/** A flat list as rows of `width` cells. Cells that make no row are left out. */
export function rowsOf(reply: unknown, width: number): readonly (readonly string[])[] {
  const cells = textsOf(reply)
  return Array.from({ length: Math.floor(cells.length / width) }, (_, row) =>
    cells.slice(row * width, (row + 1) * width),
  )
}

/** A hash, which comes as a flat list of names and values. */
export function hashOf(reply: unknown): ReadonlyMap<string, string> {
  return new Map(rowsOf(reply, 2).map(([name = '', value = '']) => [name, value]))
}
