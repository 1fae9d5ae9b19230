import { useMemo } from 'preact/hooks'
import type { StageMark } from '../../src/page/stage.ts'
import { type ChannelState, outsideThreads } from '../state/channel-state.ts'
import type { PaneState } from '../state/pane-state.ts'
import { marksOf, timelineOf } from '../state/timeline.ts'
import { ChannelHead } from './channel-head.tsx'
import { Composer } from './composer.tsx'
import { MessageLog } from './message-log.tsx'
import { PLATFORM_NAMES } from './platform-names.ts'
import { sendFrom } from './sending.ts'
import { Suggestions } from './suggestions.tsx'

interface ChannelViewProps {
  readonly pane: PaneState
  readonly channel: ChannelState
  readonly marks: readonly StageMark[]
  readonly isLost: boolean
  /** Whether something behind the platforms runs the bot. */
  readonly isStaged: boolean
  /** What did not work, in one sentence. */
  readonly trouble: string | undefined
}

/** The open channel: who is there, what was said, and where to say something. */
export function ChannelView({ pane, channel, marks, isLost, isStaged, trouble }: ChannelViewProps) {
  const { about, platform } = pane
  const name = `#${about.channels.find(({ id }) => id === pane.open)?.name ?? ''}`
  const items = useMemo(
    () => timelineOf(channel.messages, marksOf(marks, platform), outsideThreads(channel.interactions)),
    [channel, marks],
  )
  return (
    <div class="channel">
      <ChannelHead name={name} bot={about.bot.name} isOnline={pane.online} />
      <MessageLog label={`${name} on ${PLATFORM_NAMES[platform]}`} items={items} channel={channel}>
        <div class="channel-start">
          <strong>{name}</strong>
          <p>
            {`This is the beginning of ${name}. `}
            {welcome(about.bot.name, pane.online, isStaged)}
          </p>
        </div>
      </MessageLog>
      {trouble === undefined ? null : (
        <p class="channel-trouble" role="alert">
          {trouble}
        </p>
      )}
      <Suggestions pane={pane} channel={channel} />
      <Composer
        label={`Message ${name} on ${PLATFORM_NAMES[platform]}`}
        placeholder={`Message ${name}`}
        isLost={isLost}
        commands={about.commands}
        commandsNote={about.commandsNote}
        send={(text) => sendFrom(about, { channel: pane.open }, text)}
      />
    </div>
  )
}

function welcome(bot: string, isOnline: boolean, isStaged: boolean): string {
  if (isOnline) return `${bot} listens here.`
  if (isStaged) return `${bot} is not connected at the moment.`
  return `${bot} is offline. Start your gateway and worker with the variables that the terminal printed.`
}
