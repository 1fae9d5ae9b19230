import { Icon } from '@holdfast/ui'
import { X } from 'lucide'
import { useContext, useMemo } from 'preact/hooks'
import type { ChatMessage } from '../../src/page/feed.ts'
import { type ChannelState, threadAsChannel } from '../state/channel-state.ts'
import type { PaneState } from '../state/pane-state.ts'
import { timelineOf } from '../state/timeline.ts'
import { Composer } from './composer.tsx'
import { MessageLog } from './message-log.tsx'
import { MessageText } from './message-text.tsx'
import { PaneContext } from './pane-context.ts'
import { PLATFORM_NAMES } from './platform-names.ts'
import { replyIn } from './replying.ts'

interface ThreadPanelProps {
  readonly pane: PaneState
  /** In which the thread is. */
  readonly whole: ChannelState
  readonly isLost: boolean
  /** The message that it began with, or is to begin with. */
  readonly root: ChatMessage
  close(): void
}

/** A thread beside its channel. */
export function ThreadPanel({ pane, whole, isLost, root, close }: ThreadPanelProps) {
  const desk = useContext(PaneContext)
  const thread = whole.threads.get(root.id)
  const platform = PLATFORM_NAMES[pane.platform]
  const channel = useMemo(() => threadAsChannel(whole, root.id), [whole, root.id])
  const items = useMemo(() => timelineOf(channel.messages, [], channel.interactions), [channel])
  return (
    <aside
      class="thread"
      aria-label={`Thread on ${platform}`}
      onKeyDown={({ key }) => {
        if (key === 'Escape') close()
      }}
    >
      <header class="channel-head">
        <h2>
          <span title={thread?.name}>{thread?.name ?? 'Thread'}</span>
        </h2>
        <button type="button" class="thread-close" aria-label="Close thread" onClick={close}>
          <Icon of={X} />
        </button>
      </header>
      <MessageLog label={`Thread on ${platform}`} items={items} channel={channel}>
        <div class="thread-root">
          <strong>{root.author.name}</strong>
          <MessageText platform={root.platform} text={root.text} isEdited={root.edited} />
        </div>
      </MessageLog>
      <Composer
        label={`Reply in thread on ${platform}`}
        placeholder="Reply…"
        isLost={isLost}
        hasFocus
        commands={[]}
        commandsNote={undefined}
        send={(text) => replyIn(desk?.about ?? pane.about, root, thread !== undefined, text)}
      />
    </aside>
  )
}
