import type { Platform } from '../src/facts.ts'
import type { ChatSource, StoredChatMessage } from '../src/page/chat-source.ts'
import type { ChatThread, PagePlatform } from '../src/page/feed.ts'

/** A platform of which a test plays the store. Lanes `c…` are channels; `t…` are threads in `c1`. */
export class PlayedSource implements ChatSource {
  readonly platform: Platform
  readonly botId = 'otter'
  readonly #stored = new Map<string, StoredChatMessage>()

  constructor(platform: Platform) {
    this.platform = platform
  }

  describe(): PagePlatform {
    const bot = { id: this.botId, name: 'otter', online: false }
    const channels = ['c1', 'c2'].map((id) => ({ id, name: id }))
    return { platform: this.platform, name: '', bot, channels, people: [], me: 'mara', commands: [] }
  }

  version(): string {
    return ''
  }

  channelOf(lane: string): string | undefined {
    if (lane.startsWith('t')) return 'c1'
    return lane.startsWith('c') ? lane : undefined
  }

  threadOf(lane: string): ChatThread | undefined {
    return lane.startsWith('t') ? { platform: this.platform, channel: 'c1', id: lane } : undefined
  }

  has(lane: string, id: string): boolean {
    return this.message(lane, id) !== undefined
  }

  message(lane: string, id: string): StoredChatMessage | undefined {
    return this.#stored.get(`${lane} ${id}`)
  }

  store(lane: string, id: string, more: Partial<StoredChatMessage> = {}): void {
    this.#stored.set(`${lane} ${id}`, {
      platform: this.platform,
      channel: this.channelOf(lane) ?? lane,
      id,
      at: 0,
      author: { id: 'mara', name: 'mara', bot: false },
      text: id,
      edited: false,
      buttons: [],
      reactions: [],
      ...more,
    })
  }

  remove(lane: string, id: string): void {
    this.#stored.delete(`${lane} ${id}`)
  }
}
