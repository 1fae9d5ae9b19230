import './control-strip.css'
import { useState } from 'preact/hooks'
import type { StreamState } from '../../src/page/feed.ts'
import { perform } from '../control.ts'
import type { StageView } from '../state/stage-view.ts'
import { useTrouble } from '../use-trouble.ts'
import { ActionButton } from './action-button.tsx'
import { FaultsButton } from './faults-button.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { Parts } from './parts.tsx'
import { StreamControl } from './stream-control.tsx'
import { useKeys } from './use-keys.ts'
import { useStream } from './use-stream.ts'

interface ControlStripProps {
  readonly stream: StreamState
  readonly stage: StageView | undefined
  readonly showsFaults: boolean
  showFaults(shows: boolean): void
}

/** What can be done to all of it at once: the stream of messages, and the faults. */
export function ControlStrip({ stream, stage, showsFaults, showFaults }: ControlStripProps) {
  const { trouble, attempt } = useTrouble()
  const [showsKeys, showKeys] = useState(false)
  const control = useStream(stream, attempt)
  const actions = stage?.actions ?? []
  const press = (name: string, label: string) => {
    if (stage?.state.refused[name] === undefined) void attempt(label, perform(name))
  }
  useKeys({
    s: control.toggle,
    f: () => showFaults(!showsFaults),
    '?': () => showKeys(true),
    ...Object.fromEntries(actions.map(({ key, name, label }) => [key, () => press(name, label)])),
  })
  return (
    <section class="strip" aria-label="Controls and processes">
      <div class="strip-tools" role="toolbar" aria-label="Controls" onKeyDown={stepAlong}>
        <StreamControl stream={stream} control={control} />
        {actions.map((action) => (
          <ActionButton
            key={action.name}
            action={action}
            running={stage?.state.running[action.name]}
            refused={stage?.state.refused[action.name]}
            press={() => press(action.name, action.label)}
          />
        ))}
        <FaultsButton isPressed={showsFaults} press={() => showFaults(!showsFaults)} />
        <KeysDialog actions={actions} isOpen={showsKeys} setOpen={showKeys} />
      </div>
      <div class="strip-line">
        {stage ? <Parts state={stage.state} /> : null}
        {trouble === undefined ? null : (
          <p class="strip-trouble" role="alert">
            {trouble}
          </p>
        )}
      </div>
    </section>
  )
}

/** The arrow keys go along a toolbar. */
function stepAlong({ key, target, currentTarget }: KeyboardEvent): void {
  if (!(target instanceof HTMLButtonElement) || !(currentTarget instanceof HTMLElement)) return
  const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0
  const buttons = [...currentTarget.querySelectorAll<HTMLElement>(':scope button, :scope select')]
  if (step !== 0) buttons[buttons.indexOf(target) + step]?.focus()
}
