import { Icon } from '@holdfast/ui'
import { Hand, SmilePlus, Terminal } from 'lucide'
import { useContext } from 'preact/hooks'
import { react, say, useCommand } from '../control.ts'
import type { ChannelState } from '../state/channel-state.ts'
import { REACTIONS } from '../state/emoji.ts'
import type { PaneState } from '../state/pane-state.ts'
import { PaneContext } from './pane-context.ts'

interface SuggestionsProps {
  readonly pane: PaneState
  readonly channel: ChannelState
}

/** What a stranger could try first. Each disappears once it was done. */
export function Suggestions({ pane, channel }: SuggestionsProps) {
  const desk = useContext(PaneContext)
  const { about, open, tried } = pane
  const { messages } = channel
  const [command] = about.commands
  const last = messages.findLast(({ author }) => author.bot) ?? messages.at(-1)
  const [wave] = REACTIONS
  const invitesSaying = !tried.has('saying')
  const invitesCommand = command !== undefined && !tried.has('command')
  const invitesReaction = last !== undefined && !tried.has('reaction')
  if (!desk || !(invitesSaying || invitesCommand || invitesReaction)) return null
  const place = { channel: open }
  return (
    <div class="suggestions">
      {invitesSaying ? (
        <button type="button" onClick={() => void desk.attempt('Say hello', say(about, place, 'hello'))}>
          <Icon of={Hand} /> Say hello
        </button>
      ) : null}
      {invitesCommand ? (
        <button
          type="button"
          title={command.description}
          onClick={() => void desk.attempt(`/${command.name}`, useCommand(about, place, command.name))}
        >
          <Icon of={Terminal} /> /{command.name}
        </button>
      ) : null}
      {invitesReaction ? (
        <button type="button" onClick={() => void desk.attempt('React', react(about, last, wave))}>
          <Icon of={SmilePlus} /> React to a message
        </button>
      ) : null}
    </div>
  )
}
