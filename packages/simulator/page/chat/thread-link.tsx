import { Icon } from '@holdfast/ui'
import { ChevronRight, Spool } from 'lucide'
import { useContext } from 'preact/hooks'
import type { ChatMessage } from '../../src/page/feed.ts'
import type { ThreadState } from '../state/channel-state.ts'
import { Avatar } from './avatar.tsx'
import { PaneContext } from './pane-context.ts'

interface ThreadLinkProps {
  readonly message: ChatMessage
  readonly thread: ThreadState | undefined
}

/** Under a message with a thread: how many replied, the last of them, and the way in. */
export function ThreadLink({ message, thread }: ThreadLinkProps) {
  const desk = useContext(PaneContext)
  if (!thread || !desk) return null
  const { replyCount, replies, name } = thread
  const last = replies.at(-1)
  const authors = [...new Map(replies.slice(-12).map(({ author }) => [author.id, author])).values()].slice(-3)
  return (
    <button type="button" class="thread-link" onClick={() => desk.openThread(message)}>
      {name === undefined ? null : (
        <span class="thread-name">
          <Icon of={Spool} /> {name}
        </span>
      )}
      {authors.map(({ id, name, bot }) => (
        <Avatar key={id} id={id} name={name} isBot={bot} />
      ))}
      <span class="thread-count">
        {replyCount} {replyCount === 1 ? 'reply' : 'replies'}
      </span>
      {last ? <span class="thread-last">{`${last.author.name}: ${last.text}`}</span> : null}
      <Icon of={ChevronRight} />
    </button>
  )
}
