import type { TimelineItem } from './timeline.ts'

/** Names an item within its list, as long as it is there. */
export function keyOf(item: TimelineItem): string {
  switch (item.what) {
    case 'message':
      return item.message.id
    case 'mark':
      return `mark ${item.mark.id}`
    case 'interaction':
      return `interaction ${item.interaction.id}`
    default:
      return item satisfies never
  }
}

/** The items that the reader has before them, as they are now; what has left the list stays for the reader. */
export function frozen(
  kept: readonly TimelineItem[],
  items: readonly TimelineItem[],
): readonly TimelineItem[] {
  const now = new Map(items.map((item) => [keyOf(item), item]))
  return kept.map((item) => upToDate(item, now.get(keyOf(item)) ?? item))
}

/** The first message of a list shows its author; when its turn comes it must not grow before the reader's eyes. */
function upToDate(item: TimelineItem, now: TimelineItem): TimelineItem {
  if (item.what !== 'message' || now.what !== 'message') return now
  return { ...now, isContinued: item.isContinued }
}

/** How many messages came after those that the reader has before them. */
export function newsSince(kept: readonly TimelineItem[], items: readonly TimelineItem[]): number {
  const seen = new Set(kept.map(keyOf))
  const lastSeen = items.findLastIndex((item) => seen.has(keyOf(item)))
  return items.slice(lastSeen + 1).filter(({ what }) => what === 'message').length
}
