import { Icon } from '@holdfast/ui'
import { Keyboard } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import type { StageAction } from '../../src/page/stage.ts'

interface KeysDialogProps {
  readonly actions: readonly StageAction[]
  readonly isOpen: boolean
  setOpen(isOpen: boolean): void
}

/** All keys of the page, and the button that shows them. */
export function KeysDialog({ actions, isOpen, setOpen }: KeysDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <>
      <button
        type="button"
        class="button keys-button"
        data-look="quiet"
        aria-label="Keys"
        aria-keyshortcuts="?"
        title="Keys (?)"
        onClick={() => setOpen(true)}
      >
        <Icon of={Keyboard} />
      </button>
      <dialog class="keys panel" ref={dialog} aria-labelledby="keys-title" onClose={() => setOpen(false)}>
        <h2 id="keys-title">Keys</h2>
        <dl>
          <Key of="s" does="start or stop the stream" />
          {actions.map(({ name, key, help }) => (
            <Key key={name} of={key} does={help} />
          ))}
          <Key of="f" does="show or hide the faults of the platforms" />
          <Key of="Enter" does="send; with Shift, a new line" />
          <Key of="↑ ↓" does="in a message list: from message to message" />
          <Key of="← →" does="to what can be done with a message" />
          <Key of="Esc" does="close a thread or this list" />
          <Key of="?" does="this list" />
        </dl>
        <form method="dialog">
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </dialog>
    </>
  )
}

function Key({ of, does }: { readonly of: string; readonly does: string }) {
  return (
    <div>
      <dt>
        <kbd>{of}</kbd>
      </dt>
      <dd>{does}</dd>
    </div>
  )
}
