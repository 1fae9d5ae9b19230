import { Icon } from '@holdfast/ui'
import { CornerUpRight } from 'lucide'
import { useContext } from 'preact/hooks'
import type { ChatMessage } from '../../src/page/feed.ts'
import { PaneContext } from './pane-context.ts'

interface MessageOriginProps {
  readonly message: ChatMessage
  readonly quoted: ChatMessage | undefined
}

/** The line above a message that says what it answers: another message, a command, a press. */
export function MessageOrigin({ message, quoted }: MessageOriginProps) {
  const desk = useContext(PaneContext)
  const { interaction, quotes } = message
  if (interaction === undefined && quotes === undefined) return null
  return (
    <p class="message-origin">
      <Icon of={CornerUpRight} />
      {interaction ? (
        <>
          <strong>{desk?.nameOf(interaction.user) ?? interaction.user}</strong> used{' '}
          <code>{interaction.what}</code>
        </>
      ) : (
        <>
          <strong>{quoted?.author.name ?? 'earlier'}</strong>
          <span>{quoted?.text ?? 'a message further up'}</span>
        </>
      )}
    </p>
  )
}
