import type { Interaction } from './interaction.ts'
import type { Original, Response } from './interaction-calls.ts'
import type { DiscordReply } from './reply-message.ts'

/** How a reply that can't be the first answer any more reaches the person. */
export type Way =
  | { readonly kind: 'take'; readonly reply: DiscordReply }
  | { readonly kind: 'fill'; readonly ephemeral: boolean }
  | { readonly kind: 'follow-up' | 'channel' | 'uncertain' }

/**
 * | what stands | on the first try | on a later one |
 * |---|---|---|
 * | an answer | follow up on it | it is ours: take it |
 * | a deferral | fill it | fill it |
 * | the pressed message, changed or not | follow up | follow up |
 * | nothing, though answered | follow up | uncertain: it was deleted |
 * | nothing, and too late | the channel | the channel |
 * | can't be seen any more | the channel | uncertain |
 */
export function decideWay(
  run: 'first' | 'again',
  response: Exclude<Response, { kind: 'posted' }>,
  original: Original,
  interaction: Interaction,
): Way {
  if (original.kind === 'message' && original.loading) return { kind: 'fill', ephemeral: original.ephemeral }
  if (run === 'again' && isAnswer(original, interaction)) return { kind: 'take', reply: original.reply }
  if (original.kind === 'message') return { kind: 'follow-up' }
  const isAnswered = response.kind === 'already-answered'
  if (run === 'again' && (isAnswered || original.kind === 'token-over')) return { kind: 'uncertain' }
  return { kind: isAnswered ? 'follow-up' : 'channel' }
}

/** Whether a message of ours may be the answer: not a deferral without content, not the message that was pressed on. */
export function isAnswer(
  original: Original,
  { pressedId }: Interaction,
): original is Extract<Original, { kind: 'message' }> {
  return original.kind === 'message' && !original.loading && original.reply.id !== pressedId
}
