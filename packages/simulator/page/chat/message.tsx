import './message-foot.css'
import './message.css'
import { formatTime } from '@holdfast/ui'
import { useContext } from 'preact/hooks'
import type { ChatInteraction, ChatMessage } from '../../src/page/feed.ts'
import { memo } from '../memo.ts'
import type { ThreadState } from '../state/channel-state.ts'
import { Avatar } from './avatar.tsx'
import { BotButtons } from './bot-buttons.tsx'
import { MessageOrigin } from './message-origin.tsx'
import { MessageText } from './message-text.tsx'
import { MessageTools } from './message-tools.tsx'
import { PaneContext } from './pane-context.ts'
import { KeptNote, MissedNote } from './reach-note.tsx'
import { Reactions } from './reactions.tsx'
import { ThreadLink } from './thread-link.tsx'

export interface MessageProps {
  readonly message: ChatMessage
  readonly isContinued: boolean
  readonly isInGap: boolean
  /** The message that this one answers, where it is still known. */
  readonly quoted: ChatMessage | undefined
  readonly thread: ThreadState | undefined
  /** The press on one of its buttons that waits, or failed. */
  readonly pressed: ChatInteraction | undefined
}

/** One message with all that hangs on it. */
export const Message = memo((props: MessageProps) => {
  const { message, isContinued, isInGap, quoted, thread, pressed } = props
  const { author, id, reach } = message
  return (
    <article
      class="message"
      tabIndex={-1}
      data-message={id}
      data-author={author.bot ? 'bot' : 'person'}
      data-reach={reach}
      data-continued={isContinued}
    >
      <MessageOrigin message={message} quoted={quoted} />
      {isContinued ? <span /> : <MessageAvatar of={message} />}
      <div>
        {isContinued ? null : <MessageHead message={message} />}
        <MessageText platform={message.platform} text={message.text} isEdited={message.edited}>
          {reach === 'kept' ? <KeptNote /> : null}
        </MessageText>
        <BotButtons message={message} pressed={pressed} />
        <Reactions message={message} />
        <ThreadLink message={message} thread={thread} />
        {reach === 'missed' ? <MissedNote isInGap={isInGap} /> : null}
      </div>
      <MessageTools message={message} showsTime={isContinued} />
    </article>
  )
})

function MessageAvatar({ of: { author } }: { readonly of: ChatMessage }) {
  return <Avatar id={author.id} name={author.name} isBot={author.bot} />
}

function MessageHead({ message: { author, at } }: { readonly message: ChatMessage }) {
  const desk = useContext(PaneContext)
  return (
    <p class="message-head">
      <strong>{author.name}</strong>
      {author.id === desk?.about.me ? <span class="message-you">you</span> : null}
      {author.bot ? <span class="message-tag">APP</span> : null}
      <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>
    </p>
  )
}
