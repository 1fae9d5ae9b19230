import './composer.css'
import { Icon } from '@holdfast/ui'
import { SendHorizontal } from 'lucide'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { PagePlatform } from '../../src/page/feed.ts'
import type { Outcome } from '../control.ts'
import { CommandMenu } from './command-menu.tsx'
import { useCommandMenu } from './use-command-menu.ts'

interface ComposerProps {
  readonly label: string
  readonly placeholder: string
  readonly isLost: boolean
  /** Whether the reader came to write. */
  readonly hasFocus?: boolean
  readonly commands: PagePlatform['commands']
  readonly commandsNote: string | undefined
  send(text: string): Promise<Outcome>
}

/** Where something is written. Enter sends; what could not be sent comes back, with the reason. */
export function Composer(props: ComposerProps) {
  const { label, placeholder, isLost, hasFocus, commands, commandsNote, send } = props
  const { text, setText, trouble, submit } = useDraft(send)
  const field = useRef<HTMLTextAreaElement>(null)
  const noteId = useId()
  const menu = useCommandMenu(text, commands, (name) => void submit(`/${name}`))

  useEffect(() => {
    if (hasFocus) field.current?.focus()
  }, [])

  function onKeyDown(event: KeyboardEvent): void {
    if (menu.take(event)) return
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void submit(text)
  }

  const note =
    trouble ?? (isLost ? 'Contact is lost: what you send may not arrive, and answers show later.' : undefined)
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(text)
      }}
    >
      <CommandMenu menu={menu} note={text.startsWith('/') ? commandsNote : undefined} />
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={placeholder}
          aria-label={label}
          aria-describedby={note === undefined ? undefined : noteId}
          {...menu.field}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="composer-send" aria-label="Send" disabled={text.trim() === ''}>
          <Icon of={SendHorizontal} />
        </button>
      </div>
      {note === undefined ? null : (
        <p id={noteId} class="composer-note" role="status" data-failed={trouble !== undefined}>
          {note}
        </p>
      )}
    </form>
  )
}

function useDraft(send: ComposerProps['send']) {
  const [text, setText] = useState('')
  const [trouble, setTrouble] = useState<string>()

  async function submit(written: string): Promise<void> {
    if (written.trim() === '') return
    setText('')
    const outcome = await send(written)
    setTrouble(outcome.ok ? undefined : `Not sent: ${outcome.why}`)
    if (!outcome.ok) setText((typed) => (typed === '' ? written : typed))
  }

  return { text, setText, trouble, submit }
}
