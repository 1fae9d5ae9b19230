import type { ChatChange, PageHello, PagePlatform } from '../../src/page/feed.ts'
import { placeOfChange } from './change-place.ts'
import { type ChannelState, changedChannel, emptyChannel } from './channel-state.ts'

/** What a stranger is invited to try. */
export type Trial = 'saying' | 'command' | 'reaction'

/** One platform as the page shows it. */
export interface PaneState {
  readonly platform: PagePlatform['platform']
  readonly about: PagePlatform
  /** Whether the bot is connected. */
  readonly online: boolean
  /** The id of the channel that is open; empty where the platform has none. */
  readonly open: string
  /** What the page's person did here, ever. */
  readonly tried: ReadonlySet<Trial>
  /** By id. */
  readonly channels: ReadonlyMap<string, ChannelState>
}

/** A pane as `hello` tells it. What the reader opened and tried outlives a reconnection. */
export function paneFrom(about: PagePlatform, hello: PageHello, former: PaneState | undefined): PaneState {
  const ids = about.channels.map(({ id }) => id)
  const first: PaneState = {
    platform: about.platform,
    about,
    online: about.bot.online,
    open: ids.find((id) => id === former?.open) ?? ids[0] ?? '',
    tried: former?.tried ?? new Set(),
    channels: new Map(ids.map((id) => [id, emptyChannel])),
  }
  const told: readonly ChatChange[] = [
    ...hello.threads.map((thread) => ({ what: 'thread', thread }) as const),
    ...hello.messages.map((message) => ({ what: 'message', message }) as const),
  ]
  const filled = told
    .filter((change) => placeOfChange(change).platform === about.platform)
    .reduce(changedPane, first)
  // What was said before the page was opened is history, not news.
  const channels = new Map([...filled.channels].map(([id, channel]) => [id, { ...channel, unreadCount: 0 }]))
  return { ...filled, channels }
}

/** The pane after a change on its platform. Channels that nobody told of are none of ours. */
export function changedPane(pane: PaneState, change: ChatChange): PaneState {
  const id = placeOfChange(change).channel
  const channel = pane.channels.get(id)
  if (!channel) return pane
  const reader = { isWatching: id === pane.open, me: pane.about.me }
  const channels = new Map(pane.channels).set(id, changedChannel(channel, change, reader))
  return { ...pane, channels, tried: withTrials(pane.tried, change, pane.about.me) }
}

/** The reader looks at another channel: nothing in it is unread any more. */
export function openedChannel(pane: PaneState, id: string): PaneState {
  const channel = pane.channels.get(id)
  if (!channel) return pane
  return { ...pane, open: id, channels: new Map(pane.channels).set(id, { ...channel, unreadCount: 0 }) }
}

function withTrials(tried: ReadonlySet<Trial>, change: ChatChange, me: string): ReadonlySet<Trial> {
  const news = trialsIn(change, me).filter((trial) => !tried.has(trial))
  return news.length === 0 ? tried : new Set([...tried, ...news])
}

function trialsIn(change: ChatChange, me: string): readonly Trial[] {
  if (change.what === 'interaction') return change.interaction.user === me ? ['command'] : []
  if (change.what !== 'message') return []
  const { author, interaction, reactions } = change.message
  const done: readonly (readonly [Trial, boolean])[] = [
    ['saying', author.id === me],
    ['command', interaction?.user === me],
    ['reaction', reactions.some(({ mine }) => mine)],
  ]
  return done.filter(([, isDone]) => isDone).map(([trial]) => trial)
}
