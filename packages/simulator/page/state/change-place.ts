import type { ChatChange, ChatMessage } from '../../src/page/feed.ts'

/** The platform and the channel in which something has changed. */
export function placeOfChange(change: ChatChange): Pick<ChatMessage, 'platform' | 'channel'> {
  switch (change.what) {
    case 'message':
      return change.message
    case 'thread':
      return change.thread
    case 'interaction':
      return change.interaction
    case 'deleted':
      return change
    default:
      return change satisfies never
  }
}
