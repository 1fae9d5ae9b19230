import type { ChatMessage, PageHello, PagePlatform } from '../src/page/feed.ts'
import type { StageMark } from '../src/page/stage.ts'

/** What a feed tells, for tests of the page. */

export const ME = 'U1'
export const BOT = { id: 'U9', name: 'otter', bot: true } as const

export function platform(about: Partial<PagePlatform> = {}): PagePlatform {
  return {
    platform: 'slack',
    name: 'Kelp Forest',
    bot: { id: BOT.id, name: BOT.name, online: true },
    channels: [
      { id: 'C1', name: 'general' },
      { id: 'C2', name: 'reef' },
    ],
    people: [
      { id: ME, name: 'you' },
      { id: 'U2', name: 'maren' },
    ],
    me: ME,
    commands: [],
    ...about,
  }
}

export function hello(about: Partial<PageHello> = {}): PageHello {
  const stream = { perSecond: 0, sentCount: 0 }
  const told = { messages: [], threads: [], stream, bots: [], faults: {}, lastFaults: [] }
  return { title: 'holdfast demo', platforms: [platform()], ...told, ...about }
}

export function message(id: string, about: Partial<ChatMessage> = {}): ChatMessage {
  return {
    platform: 'slack',
    channel: 'C1',
    id,
    at: 1_000,
    author: { id: 'U2', name: 'maren', bot: false },
    text: `text of ${id}`,
    edited: false,
    buttons: [],
    reactions: [],
    ...about,
  }
}

export function mark(id: number, about: Partial<StageMark> = {}): StageMark {
  return { id, at: 1_000, endedAt: 1_000, kind: 'kill-worker', label: 'worker killed', ...about }
}
