import { formatTime, Icon } from '@holdfast/ui'
import { MessageSquareReply, SmilePlus } from 'lucide'
import { useContext, useState } from 'preact/hooks'
import type { ChatMessage } from '../../src/page/feed.ts'
import { react } from '../control.ts'
import { REACTIONS, type Reaction } from '../state/emoji.ts'
import { PaneContext } from './pane-context.ts'

interface MessageToolsProps {
  readonly message: ChatMessage
  /** Whether the message itself tells no time. */
  readonly showsTime: boolean
}

/** What can be done with a message. Shown where the pointer or the focus is; the arrow keys reach it from the message. */
export function MessageTools({ message, showsTime }: MessageToolsProps) {
  const desk = useContext(PaneContext)
  const [isPicking, setPicking] = useState(false)
  if (!desk) return null

  function pick(reaction: Reaction): void {
    setPicking(false)
    if (desk) void desk.attempt('React', react(desk.about, message, reaction))
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups fields of a form; these are buttons
    <div
      class="message-tools"
      role="group"
      aria-label="What to do with this message"
      data-picking={isPicking}
    >
      {showsTime ? <time>{formatTime(message.at)}</time> : null}
      {isPicking ? <Picker pick={pick} /> : null}
      <button
        type="button"
        tabIndex={-1}
        aria-label="React"
        title="React"
        aria-expanded={isPicking}
        onClick={() => setPicking(!isPicking)}
      >
        <Icon of={SmilePlus} />
      </button>
      {message.thread === undefined ? (
        <button
          type="button"
          tabIndex={-1}
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => desk.openThread(message)}
        >
          <Icon of={MessageSquareReply} />
        </button>
      ) : null}
    </div>
  )
}

function Picker({ pick }: { readonly pick: (reaction: Reaction) => void }) {
  return (
    <>
      {REACTIONS.map((reaction) => (
        <button
          key={reaction.name}
          type="button"
          tabIndex={-1}
          aria-label={`React with ${reaction.name}`}
          title={reaction.name}
          onClick={() => pick(reaction)}
        >
          {reaction.emoji}
        </button>
      ))}
    </>
  )
}
