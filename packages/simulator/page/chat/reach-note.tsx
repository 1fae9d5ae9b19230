import { Icon } from '@holdfast/ui'
import { Clock, EarOff } from 'lucide'
import type { ChatMessage } from '../../src/page/feed.ts'

interface ReachNoteProps {
  readonly reach: ChatMessage['reach']
  readonly isInGap: boolean
}

/** Says it when a message did not reach the bot at once. */
export function ReachNote({ reach, isInGap }: ReachNoteProps) {
  if (reach === 'missed') {
    return (
      <p class="reach-note" data-gap={isInGap}>
        <Icon of={EarOff} /> {isInGap ? 'in an announced gap' : 'not delivered: nobody was connected'}
      </p>
    )
  }
  if (reach !== 'kept') return null
  return (
    <p class="reach-note" data-gap="false" title="The platform keeps it until the bot is back.">
      <Icon of={Clock} /> <span class="unseen">kept for the bot's return</span>
    </p>
  )
}
