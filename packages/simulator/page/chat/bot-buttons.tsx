import { useContext } from 'preact/hooks'
import type { ChatInteraction, ChatMessage } from '../../src/page/feed.ts'
import { press } from '../control.ts'
import { PaneContext } from './pane-context.ts'

interface BotButtonsProps {
  readonly message: ChatMessage
  readonly pressed: ChatInteraction | undefined
}

/** The buttons that the bot put under its message, and what became of the last press. */
export function BotButtons({ message, pressed }: BotButtonsProps) {
  const desk = useContext(PaneContext)
  if (message.buttons.length === 0 || !desk) return null
  const waits = pressed?.state === 'waiting'
  return (
    <div class="bot-buttons">
      {message.buttons.map(({ customId, label, style }) => (
        <button
          key={customId}
          type="button"
          data-style={style}
          aria-busy={waits && pressed.what === label}
          onClick={() => void desk.attempt(label, press(desk.about, message, customId))}
        >
          {label}
        </button>
      ))}
      {pressed?.state === 'failed' ? <p class="interaction-failed">This interaction failed</p> : null}
    </div>
  )
}
