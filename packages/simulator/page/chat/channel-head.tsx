import { Icon } from '@holdfast/ui'
import { Hash } from 'lucide'

interface ChannelHeadProps {
  readonly name: string
  readonly bot: string
  readonly isOnline: boolean
}

/** The channel's name, and whether the bot is there. */
export function ChannelHead({ name, bot, isOnline }: ChannelHeadProps) {
  return (
    <header class="channel-head">
      <h2>
        <Icon of={Hash} />
        <span>{name.slice(1)}</span>
      </h2>
      <p class="channel-presence" role="status">
        <span class="presence" aria-hidden="true" />
        <span>
          {bot} {isOnline ? 'online' : 'offline'}
        </span>
      </p>
    </header>
  )
}
