import type { Platform } from '../facts.ts'
import type { ChatMessage, ChatThread, PagePlatform } from './feed.ts'

/** A message as its platform stores it: without what the record alone knows of it. */
export type StoredChatMessage = Omit<ChatMessage, 'reach' | 'interaction'>

/**
 * What the chat view reads of one platform. `lane` is where the platform files a message: a channel, or a Discord thread.
 * Only what lies in the workspace or guild that the page shows is found.
 */
export interface ChatSource {
  readonly platform: Platform
  /** The bot whose platform this is, to people who look at the page. */
  readonly botId: string
  describe(): PagePlatform
  /** Another text whenever `describe` would tell of other commands. */
  version(): string
  /** The channel in which a lane is shown. */
  channelOf(lane: string): string | undefined
  /** Whether there is such a message now. */
  has(lane: string, id: string): boolean
  /** The message as it stands now, with its whole text. */
  message(lane: string, id: string): StoredChatMessage | undefined
  /** The thread in which a message is. */
  threadOf(lane: string, id: string): ChatThread | undefined
}
