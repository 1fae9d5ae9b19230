import { Icon } from '@holdfast/ui'
import { Hash } from 'lucide'
import type { PaneState } from '../state/pane-state.ts'
import { Avatar } from './avatar.tsx'
import { PlatformGlyph } from './platform-glyph.tsx'
import { PLATFORM_NAMES } from './platform-names.ts'

interface SidebarProps {
  readonly pane: PaneState
  open(channel: string): void
}

/** The workspace or guild, its channels with what is unread, and the bot. */
export function Sidebar({ pane, open }: SidebarProps) {
  const { about, channels, online } = pane
  return (
    <nav class="sidebar" aria-label={`Channels of ${about.name}`}>
      <p class="sidebar-name">
        <PlatformGlyph of={pane.platform} />
        <strong>{about.name}</strong>
        <small>{PLATFORM_NAMES[pane.platform]}</small>
      </p>
      <ul class="sidebar-channels">
        {about.channels.map(({ id, name }) => {
          const unread = channels.get(id)?.unreadCount ?? 0
          return (
            <li key={id}>
              <button
                type="button"
                class="sidebar-channel"
                aria-label={`#${name}`}
                title={`#${name}`}
                aria-description={unread > 0 ? `${unread} unread` : undefined}
                aria-current={id === pane.open ? 'page' : undefined}
                data-unread={unread > 0}
                onClick={() => open(id)}
              >
                <Icon of={Hash} />
                <span class="sidebar-initial">{[...name].at(0)}</span>
                <span class="sidebar-channel-name">{name}</span>
                {unread > 0 ? <span class="sidebar-unread">{unread > 99 ? '99+' : unread}</span> : null}
              </button>
            </li>
          )
        })}
      </ul>
      <div class="sidebar-bot">
        <Avatar id={about.bot.id} name={about.bot.name} isBot />
        <span class="sidebar-bot-name">{about.bot.name}</span>
        <small>{online ? 'online' : 'offline'}</small>
      </div>
    </nav>
  )
}
