import { Icon } from '@holdfast/ui'
import { Clock, EarOff } from 'lucide'

/** Under a message that nobody received, and never will. */
export function MissedNote({ isInGap }: { readonly isInGap: boolean }) {
  return (
    <p class="missed-note" data-gap={isInGap}>
      <Icon of={EarOff} /> {isInGap ? 'in an announced gap' : 'not delivered: nobody was connected'}
    </p>
  )
}

/** Behind a message that the platform kept until the bot was back. */
export function KeptNote() {
  return (
    <span class="kept-note" title="kept for the bot's return">
      <Icon of={Clock} /> <span class="unseen">kept for the bot's return</span>
    </span>
  )
}
