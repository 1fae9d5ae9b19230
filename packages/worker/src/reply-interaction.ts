/**
 * A reply to a Discord interaction, once. An interaction has one first answer, within 3 s of the act; further ones follow
 * up on it for 15 minutes. https://docs.discord.com/developers/interactions/receiving-and-responding
 *
 * The first answer: Discord itself takes only one, so posting again can't double it.
 *
 * 1. before the first try the job notes which of its replies is to be the answer; its others follow up;
 * 2. a run that finds the note but no result reads what stands as the answer, and takes it as its own;
 * 3. where nothing stands it posts. Refused as answered or too late, it reads once more, which is then final.
 *
 * A follow-up: Discord recognises no repetition of it, and it can't bear a mark of ours.
 *
 * 1. before the first try the job notes that it begins; where it certainly was not posted, the note is withdrawn;
 * 2. a run that finds the note but no result looks in the channel for a follow-up to this interaction that is not yet
 *    another reply of the job. An ephemeral one is not shown there: whether it was posted can't be told then.
 *
 * Too late for either: the bot posts in the channel by itself, with the nonce of an ordinary reply. What only one person
 * may see is never posted there.
 *
 * What remains: another answer to the same interaction (of a second subscription, or made through `ctx.discord`) that
 * comes between our note and our death is taken for ours.
 */
import type { REST } from '@discordjs/rest'
import type { HoldfastEvent } from '@holdfast/events'
import type { Clock } from '@holdfast/runtime'
import { NonRetryableError } from './errors.ts'
import { findFollowUp } from './follow-up-search.ts'
import { type Interaction, isEphemeral } from './interaction.ts'
import { fillOriginal, postFollowUp, readOriginal, respond } from './interaction-calls.ts'
import { decideWay, isAnswer } from './interaction-way.ts'
import { certainlyHadNoEffect } from './platform-problem.ts'
import { postToDiscord } from './reply-discord.ts'
import type { DiscordMessage, DiscordReply } from './reply-message.ts'
import type { ReplyNotes } from './reply-notes.ts'
import type { ReplyKey } from './step-key.ts'

/** One reply to an interaction. */
export interface InteractionReply {
  readonly rest: REST
  readonly event: HoldfastEvent
  readonly interaction: Interaction
  readonly key: ReplyKey
  readonly nonce: string
  readonly message: DiscordMessage
  readonly steps: Pick<ReplyNotes, 'begin' | 'beginAnswer' | 'withdraw' | 'replies'>
  readonly clock: Clock
}

/** Rejects with `reply-late` and `reply-uncertain` as documented above, with what the client throws for all else. */
export async function replyToInteraction(reply: InteractionReply): Promise<DiscordReply> {
  const began = await reply.steps.beginAnswer(reply.key, reply.clock.wallAt())
  switch (began.kind) {
    case 'taken':
      return followUp(reply)
    case 'first':
      return answer(reply, 'first')
    case 'again': {
      const original = await readOriginal(reply.rest, reply.interaction)
      return isAnswer(original, reply.interaction) ? original.reply : answer(reply, 'again')
    }
  }
}

async function answer(reply: InteractionReply, run: 'first' | 'again'): Promise<DiscordReply> {
  const { rest, interaction, steps } = reply
  const response = await noted(reply, run, 'answer', () => respond(rest, interaction, reply.message))
  if (response.kind === 'posted') return response.reply ?? (await readBack(reply))
  // What stands as the answer is not ours: the next run must not take it for that.
  if (run === 'first') await steps.withdraw('answer')
  const original = await readOriginal(rest, interaction)
  const way = decideWay(run, response, original, interaction)
  switch (way.kind) {
    case 'take':
      return way.reply
    case 'fill':
      return fill(reply, way.ephemeral)
    case 'follow-up':
      return followUp(reply)
    case 'channel':
      return postInChannel(reply)
    case 'uncertain':
      throw uncertain('Discord does not show its answer any more')
  }
}

/** Noted as the answer again: a later run that finds the deferral filled takes it for what it is. */
async function fill(reply: InteractionReply, ephemeral: boolean): Promise<DiscordReply> {
  if (isEphemeral(reply.message) && !ephemeral) throw deferredForAll()
  await reply.steps.beginAnswer(reply.key, reply.clock.wallAt())
  return fillOriginal(reply.rest, reply.interaction, reply.message)
}

async function followUp(reply: InteractionReply): Promise<DiscordReply> {
  const { rest, interaction, key, steps } = reply
  if (isEphemeral(reply.message)) await refuseToFillForAll(reply)
  const began = await steps.begin(key, reply.clock.wallAt())
  const earlier = began.kind === 'again' ? await findFollowUp(reply, began.beganAt) : undefined
  if (earlier) return earlier
  const posted = await noted(reply, began.kind, key, () => postFollowUp(rest, interaction, reply.message))
  if (posted.kind === 'posted') return posted.reply
  await steps.withdraw(key)
  return postInChannel(reply)
}

/** Discord lets a follow-up fill a deferral that is still open, and drops its flag: everyone would read it. */
async function refuseToFillForAll({ rest, interaction }: InteractionReply): Promise<void> {
  const original = await readOriginal(rest, interaction)
  if (original.kind === 'message' && original.loading && !original.ephemeral) throw deferredForAll()
}

/** Where an effect certainly did not happen on the first try, a later run need not look for it. */
async function noted<Result>(
  { steps }: InteractionReply,
  run: 'first' | 'again',
  effect: ReplyKey | 'answer',
  post: () => Promise<Result>,
): Promise<Result> {
  try {
    return await post()
  } catch (error) {
    if (run === 'first' && certainlyHadNoEffect(error)) await steps.withdraw(effect)
    throw error
  }
}

/** Which message the answer has become. */
async function readBack({ rest, interaction }: InteractionReply): Promise<DiscordReply> {
  const original = await readOriginal(rest, interaction)
  if (original.kind === 'message') return original.reply
  throw uncertain('Discord took the answer and does not show it')
}

async function postInChannel(reply: InteractionReply): Promise<DiscordReply> {
  const { rest, event, interaction, nonce, message } = reply
  if (isEphemeral(message)) {
    throw late('what only one person may see is not posted in the channel instead')
  }
  if (interaction.channelId === undefined) throw late('the bot has no channel here to post in by itself')
  return postToDiscord(rest, event, nonce, message)
}

function deferredForAll(): NonRetryableError {
  return new NonRetryableError(
    'the interaction was deferred for all to see, so its answer can no longer be ephemeral: defer it with the flag',
    undefined,
    'reply-refused',
  )
}

function late(consequence: string): NonRetryableError {
  return new NonRetryableError(
    `the interaction takes no answer any more, and ${consequence}`,
    undefined,
    'reply-late',
  )
}

function uncertain(why: string): NonRetryableError {
  return new NonRetryableError(
    `can't tell which message answers this interaction: ${why}`,
    undefined,
    'reply-uncertain',
  )
}
