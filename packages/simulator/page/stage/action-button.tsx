import { Icon } from '@holdfast/ui'
import { LoaderCircle } from 'lucide'
import { useId } from 'preact/hooks'
import type { StageAction } from '../../src/page/stage.ts'
import { actionIcon } from './action-icon.ts'

interface ActionButtonProps {
  readonly action: StageAction
  /** What it is doing now, if it is under way. */
  readonly running: string | undefined
  /** Why it can't be pressed now. */
  readonly refused: string | undefined
  press(): void
}

/** A fault at a press. Where it is refused it stays reachable, so that the reason can be read. */
export function ActionButton({ action, running, refused, press }: ActionButtonProps) {
  const helpId = useId()
  const { name, label, help, key } = action
  return (
    <div class="action">
      <button
        type="button"
        class="button strip-button"
        aria-describedby={helpId}
        aria-disabled={refused !== undefined}
        aria-busy={running !== undefined}
        aria-keyshortcuts={key}
        onClick={press}
      >
        <Icon of={running === undefined ? actionIcon(name) : LoaderCircle} />
        <span>{label}</span>
        <span class="key" aria-hidden="true">
          <kbd>{key}</kbd>
        </span>
      </button>
      <span id={helpId} role="tooltip" class="tooltip">
        {refused ?? running ?? help}
      </span>
    </div>
  )
}
