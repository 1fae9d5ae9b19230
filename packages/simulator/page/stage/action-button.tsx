import { Icon } from '@holdfast/ui'
import { LoaderCircle } from 'lucide'
import { useId } from 'preact/hooks'
import type { StageAction } from '../../src/page/stage.ts'
import { actionIcon } from './action-icon.ts'
import { useQuietTooltip } from './use-quiet-tooltip.ts'

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
  const tooltip = useQuietTooltip()
  const isRefused = refused !== undefined
  const { name, label, help, key } = action
  return (
    <div class="action" data-quiet={tooltip.isQuiet} {...tooltip.surroundings}>
      <button
        type="button"
        class="button strip-button"
        aria-describedby={helpId}
        aria-disabled={isRefused}
        aria-busy={running !== undefined}
        aria-keyshortcuts={key}
        // To a press that is refused, the tooltip is the answer.
        onPointerDown={isRefused ? undefined : tooltip.hush}
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
