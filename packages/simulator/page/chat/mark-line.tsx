import { formatTime, Icon } from '@holdfast/ui'
import { EarOff } from 'lucide'
import type { StageMark } from '../../src/page/stage.ts'
import { memo } from '../memo.ts'
import { actionIcon } from '../stage/action-icon.ts'

/** Something that happened behind the platforms, between the messages of that time. */
export const MarkLine = memo(({ mark }: { readonly mark: StageMark }) => {
  const isGap = mark.kind === 'gap'
  return (
    <p class="mark-line" data-kind={isGap ? 'gap' : 'fault'} title={mark.detail}>
      <span>
        <Icon of={isGap ? EarOff : actionIcon(mark.kind)} /> {isGap ? gapText(mark) : mark.label}
        {isGap ? null : <time>{formatTime(mark.at)}</time>}
      </span>
    </p>
  )
})

function gapText({ at, endedAt }: StageMark): string {
  if (endedAt === undefined) return `announced gap, since ${formatTime(at)}`
  return `announced gap, ${formatTime(at)} to ${formatTime(endedAt)}`
}
