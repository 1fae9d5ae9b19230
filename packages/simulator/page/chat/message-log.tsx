import './message-log.css'
import { Icon } from '@holdfast/ui'
import { ArrowDown } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { ChannelState } from '../state/channel-state.ts'
import { frozen, keyOf, newsSince } from '../state/reading.ts'
import type { TimelineItem } from '../state/timeline.ts'
import { InteractionLine } from './interaction-line.tsx'
import { MarkLine } from './mark-line.tsx'
import { Message } from './message.tsx'
import { stepFocus } from './message-focus.ts'
import { useEnd } from './use-end.ts'

interface MessageLogProps {
  readonly label: string
  readonly items: readonly TimelineItem[]
  /** For the threads and presses of its messages. */
  readonly channel: ChannelState
  /** What stands above the first item. */
  readonly children: ComponentChildren
}

/** More than a window shows. The others are there as soon as the reader scrolls up, and cost a fast stream nothing. */
const COUNT_AT_END = 80

/**
 * A list of messages that stays at its end. While the reader has scrolled up it stands still, however much is said, and
 * tells how much is new.
 */
export function MessageLog({ label, items, channel, children }: MessageLogProps) {
  const log = useRef<HTMLDivElement>(null)
  const { isAtEnd, toEnd } = useEnd(log, items)
  const kept = useRef(items)
  kept.current = isAtEnd ? items : frozen(kept.current, items)
  const shown = isAtEnd ? items.slice(-COUNT_AT_END) : kept.current
  const newsCount = isAtEnd ? 0 : newsSince(kept.current, items)
  return (
    <div class="log-frame">
      <div
        class="log"
        role="log"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        tabIndex={0}
        ref={log}
        onKeyDown={stepFocus}
      >
        {shown.length < items.length ? null : children}
        {shown.map((item) => (
          <Row key={keyOf(item)} item={item} channel={channel} />
        ))}
      </div>
      {newsCount > 0 ? (
        <button type="button" class="log-news" onClick={toEnd}>
          {newsCount} new {newsCount === 1 ? 'message' : 'messages'} <Icon of={ArrowDown} />
        </button>
      ) : null}
    </div>
  )
}

interface RowProps {
  readonly item: TimelineItem
  readonly channel: ChannelState
}

function Row({ item, channel }: RowProps) {
  switch (item.what) {
    case 'message': {
      const { message, isContinued, isInGap } = item
      return (
        <Message
          message={message}
          isContinued={isContinued}
          isInGap={isInGap}
          quoted={channel.messages.find(({ id }) => id === message.quotes)}
          thread={channel.threads.get(message.id)}
          pressed={channel.interactions.find((press) => press.message === message.id)}
        />
      )
    }
    case 'mark':
      return <MarkLine mark={item.mark} />
    case 'interaction':
      return <InteractionLine interaction={item.interaction} />
    default:
      return item satisfies never
  }
}
