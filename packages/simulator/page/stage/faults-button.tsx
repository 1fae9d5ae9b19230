import { Icon } from '@holdfast/ui'
import { Zap } from 'lucide'

interface FaultsButtonProps {
  readonly isPressed: boolean
  press(): void
}

/** Opens everything that can go wrong on the platforms, and closes it again. */
export function FaultsButton({ isPressed, press }: FaultsButtonProps) {
  return (
    <button
      type="button"
      class="button strip-button faults-button"
      aria-expanded={isPressed}
      aria-keyshortcuts="f"
      title="What can go wrong on the platforms: cut sockets, refused connects, late frames"
      onClick={press}
    >
      <Icon of={Zap} />
      <span>Faults</span>
      <span class="key" aria-hidden="true">
        <kbd>f</kbd>
      </span>
    </button>
  )
}
