import { formatTime, Icon } from '@holdfast/ui'
import { EarOff } from 'lucide'
import type { StageMark } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { actionIcon } from '../stage/action-icon.ts'
import { gapText } from '../state/gap-text.ts'

/** Something that happened behind the platforms, between the messages of that time. */
export const MarkLine = memo(({ mark }: { readonly mark: StageMark }) => {
  const isGap = mark.kind === 'gap'
  const text = isGap ? gapText(mark, formatTime) : mark.label
  return (
    <p class="mark-line" data-kind={isGap ? 'gap' : 'fault'} title={isGap ? text : mark.detail}>
      <span>
        <Icon of={isGap ? EarOff : actionIcon(mark.kind)} /> {text}
        {isGap ? null : <time>{formatTime(mark.at)}</time>}
      </span>
    </p>
  )
})
