import type { ChatInteraction, ChatMessage } from '../../src/page/feed.ts'
import type { StageMark } from '../../src/page/stage.ts'

/** What stands in a message list, from top to bottom. */
export type TimelineItem =
  | {
      readonly what: 'message'
      readonly message: ChatMessage
      /** Follows one of the same author closely: needs no name again. */
      readonly isContinued: boolean
      readonly isInGap: boolean
    }
  | { readonly what: 'mark'; readonly mark: StageMark }
  | { readonly what: 'interaction'; readonly interaction: ChatInteraction }

const CONTINUED_MS = 5 * 60_000

/** Messages, marks and unanswered commands by time. Marks from before the first message are left out. */
export function timelineOf(
  messages: readonly ChatMessage[],
  marks: readonly StageMark[],
  interactions: readonly ChatInteraction[],
): readonly TimelineItem[] {
  const gaps = marks.filter(({ kind }) => kind === 'gap')
  const since = messages[0]?.at ?? Number.POSITIVE_INFINITY
  const asides = asidesOf(
    marks.filter((mark) => toldAt(mark) >= since),
    interactions,
  )
  const items: TimelineItem[] = []
  let next = 0
  let former: ChatMessage | undefined
  for (const message of messages) {
    for (; (asides[next]?.at ?? Number.POSITIVE_INFINITY) < message.at; next += 1) {
      items.push(...asides.slice(next, next + 1))
      former = undefined
    }
    items.push({
      what: 'message',
      message,
      isContinued: former !== undefined && isContinued(former, message),
      isInGap: gaps.some((gap) => covers(gap, message.at)),
    })
    former = message
  }
  return [...items, ...asides.slice(next)]
}

/** What stands between messages, by time. */
function asidesOf(marks: readonly StageMark[], interactions: readonly ChatInteraction[]) {
  const told = marks.map((mark) => ({ at: toldAt(mark), what: 'mark', mark }) as const)
  // A press is shown at its button.
  const used = interactions
    .filter(({ message }) => message === undefined)
    .map((interaction) => ({ at: interaction.at, what: 'interaction', interaction }) as const)
  return [...told, ...used].sort((one, other) => one.at - other.at)
}

/** The marks of a platform: its own, and those of no platform. */
export function marksOf(
  marks: readonly StageMark[],
  platform: ChatMessage['platform'],
): readonly StageMark[] {
  return marks.filter((mark) => mark.platform === undefined || mark.platform === platform)
}

/** The bot hears of a gap at its end; everything else is seen as it begins. */
function toldAt(mark: StageMark): number {
  return mark.kind === 'gap' ? (mark.endedAt ?? mark.at) : mark.at
}

function covers({ at, endedAt = Number.POSITIVE_INFINITY }: StageMark, instant: number): boolean {
  return at <= instant && instant <= endedAt
}

function isContinued(former: ChatMessage, message: ChatMessage): boolean {
  return (
    former.author.id === message.author.id &&
    message.at - former.at < CONTINUED_MS &&
    message.quotes === undefined &&
    message.interaction === undefined
  )
}
