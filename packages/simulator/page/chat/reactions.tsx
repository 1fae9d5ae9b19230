import { useContext } from 'preact/hooks'
import type { ChatMessage, ChatReaction } from '../../src/page/feed.ts'
import { react } from '../control.ts'
import { emojiOf, REACTIONS } from '../state/emoji.ts'
import { PaneContext } from './pane-context.ts'

/** Who reacted, as pills; pressing one joins in. */
export function Reactions({ message }: { readonly message: ChatMessage }) {
  const desk = useContext(PaneContext)
  if (message.reactions.length === 0 || !desk) return null
  return (
    <div class="reactions">
      {message.reactions.map(({ name, count, mine }) => {
        const offered = REACTIONS.find((each) => each.name === name || each.emoji === name)
        const label = `${offered?.name ?? name}, ${count}`
        return offered && !mine ? (
          <button
            key={name}
            type="button"
            class="reaction"
            aria-label={label}
            onClick={() => void desk.attempt('React', react(desk.about, message, offered))}
          >
            <Pill name={name} count={count} />
          </button>
        ) : (
          <span key={name} class="reaction" role="img" aria-label={label} data-mine={mine}>
            <Pill name={name} count={count} />
          </span>
        )
      })}
    </div>
  )
}

function Pill({ name, count }: Pick<ChatReaction, 'name' | 'count'>) {
  return (
    <>
      <span>{emojiOf(name) ?? name}</span> <span class="reaction-count">{count}</span>
    </>
  )
}
