import type { ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import type { Platform } from '../../src/facts.ts'
import { piecesOf, type TextPiece } from '../state/rich-text.ts'
import { PaneContext } from './pane-context.ts'

interface MessageTextProps {
  readonly platform: Platform
  readonly text: string
  readonly isEdited: boolean
  /** Behind the text. */
  readonly children?: ComponentChildren
}

/** What was said, with the few signs of the platform that the page reads. Always text, never HTML. */
export function MessageText({ platform, text, isEdited, children }: MessageTextProps) {
  const desk = useContext(PaneContext)
  const pieces = piecesOf(platform, text, (id) => desk?.nameOf(id))
  return (
    <div class="message-text">
      {pieces.map((piece) => shown(piece))}
      {isEdited ? <small> (edited)</small> : null}
      {children}
    </div>
  )
}

function shown({ what, text }: TextPiece) {
  switch (what) {
    case 'text':
      return text
    case 'code':
      return <code>{text}</code>
    case 'block':
      return <pre>{text}</pre>
    case 'mention':
      return <span class="mention">{text}</span>
    case 'strong':
      return <strong>{text}</strong>
    case 'link':
      return (
        <a href={text} target="_blank" rel="noreferrer">
          {text}
        </a>
      )
    default:
      return what satisfies never
  }
}
