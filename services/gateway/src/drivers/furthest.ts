import type { Checkpoint } from '@holdfast/ownership'

/** Of two words about one unit, the one that knows more; the first where they say the same. */
export function furthest(
  stored: Checkpoint | undefined,
  marked: Checkpoint | undefined,
): Checkpoint | undefined {
  if (!stored || !marked) return stored ?? marked
  if (stored.kind === 'discord' && marked.kind === 'discord' && stored.sessionId === marked.sessionId)
    return marked.sequence > stored.sequence ? marked : stored
  return instantOf(marked) > instantOf(stored) ? marked : stored
}

/** Until when nothing is missing. */
function instantOf(checkpoint: Checkpoint): number {
  switch (checkpoint.kind) {
    case 'discord':
      return checkpoint.confirmedAt
    case 'slack-rtm':
      return checkpoint.caughtUpAt
    case 'slack-socket-mode':
      return checkpoint.heardAt
    default:
      return checkpoint satisfies never
  }
}
