import { createHash } from 'node:crypto'

/** Discord's bound for a nonce: https://docs.discord.com/developers/resources/message#create-message */
const ID_LENGTH = 25

/**
 * The identity of one reply, the same in every run of its job. The queue is part of it, because two subscriptions may
 * answer the same event, each with a message of its own.
 */
export function replyId(queue: string, eventId: string, stepKey: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([queue, eventId, stepKey]))
    .digest('base64url')
  return digest.slice(0, ID_LENGTH)
}
