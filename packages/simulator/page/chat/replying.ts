import type { ChatMessage, PagePlatform } from '../../src/page/feed.ts'
import { beginThread, type Outcome, say } from '../control.ts'

const NAME_LENGTH = 40

/** Replies in the thread of `root`; Discord's threads are begun first. */
export async function replyIn(
  about: PagePlatform,
  root: ChatMessage,
  exists: boolean,
  text: string,
): Promise<Outcome> {
  if (about.platform === 'discord' && !exists) {
    const begun = await beginThread(about, root, nameOf(root))
    if (!begun.ok) return begun
  }
  return say(about, { channel: root.channel, thread: root.id }, text)
}

/** A thread is named after its message, as Discord suggests. */
function nameOf({ text }: ChatMessage): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, NAME_LENGTH) || 'Thread'
}
