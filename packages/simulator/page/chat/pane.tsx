import './sidebar.css'
import './pane.css'
import { useContext, useMemo, useState } from 'preact/hooks'
import type { ChatMessage } from '../../src/page/feed.ts'
import type { StageMark } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { PageContext } from '../page-store.ts'
import { emptyChannel } from '../state/channel-state.ts'
import type { PaneState } from '../state/pane-state.ts'
import { useTrouble } from '../use-trouble.ts'
import { ChannelView } from './channel-view.tsx'
import { PaneContext, type PaneDesk } from './pane-context.ts'
import { PLATFORM_NAMES } from './platform-names.ts'
import { Sidebar } from './sidebar.tsx'
import { ThreadPanel } from './thread-panel.tsx'

interface PaneProps {
  readonly pane: PaneState
  readonly marks: readonly StageMark[]
  /** Whether the page has lost its server. */
  readonly isLost: boolean
  /** Whether something behind the platforms runs the bot. */
  readonly isStaged: boolean
}

/** One platform: its channels, the open one, and the open thread beside it. */
export const Pane = memo(({ pane, marks, isLost, isStaged }: PaneProps) => {
  const store = useContext(PageContext)
  const [root, openThread] = useState<ChatMessage>()
  const { trouble, attempt } = useTrouble()
  const desk = useDesk(pane, openThread, attempt)
  const channel = pane.channels.get(pane.open) ?? emptyChannel
  const thread = root?.channel === pane.open ? root : undefined
  const shared = { pane, marks, isLost }
  return (
    <PaneContext.Provider value={desk}>
      <section
        class="pane"
        aria-label={PLATFORM_NAMES[pane.platform]}
        data-platform={pane.platform}
        data-online={pane.online}
      >
        <div class="pane-body" data-thread={thread !== undefined}>
          <Sidebar
            pane={pane}
            open={(id) => store?.tell({ what: 'opened', platform: pane.platform, channel: id })}
          />
          <ChannelView key={pane.open} {...shared} isStaged={isStaged} channel={channel} trouble={trouble} />
          {thread ? (
            <ThreadPanel
              key={thread.id}
              {...shared}
              whole={channel}
              root={channel.messages.find(({ id }) => id === thread.id) ?? thread}
              close={() => openThread(undefined)}
            />
          ) : null}
        </div>
      </section>
    </PaneContext.Provider>
  )
})

function useDesk(
  { about }: PaneState,
  openThread: (root: ChatMessage) => void,
  attempt: PaneDesk['attempt'],
): PaneDesk {
  return useMemo(() => {
    const names = new Map([...about.people, about.bot].map(({ id, name }) => [id, name]))
    return { about, nameOf: (id) => names.get(id), openThread, attempt }
  }, [about])
}
