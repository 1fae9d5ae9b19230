/**
 * Where the queues of a subscription are. A partition is a prefix of its own, beside that of the deployment, so that a Redis
 * Cluster keeps it on whichever node its slot is on. `home` is the prefix of the deployment itself.
 */
export type Partition = number | 'home'

/** `{holdfast}` and 3: `{holdfast:3}`. */
export function partitionPrefix(prefix: string, partition: Partition): string {
  if (partition === 'home') return prefix
  const end = prefix.lastIndexOf('}')
  return end < 0 ? `${prefix}:${partition}` : `${prefix.slice(0, end)}:${partition}${prefix.slice(end)}`
}

/** As Redis stores it. */
export function readPartition(text: string | null | undefined): Partition | undefined {
  if (text === null || text === undefined) return undefined
  return text === 'home' ? 'home' : Number(text)
}
