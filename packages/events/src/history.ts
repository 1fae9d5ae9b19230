import { conversationOf, doerOf, guildOf, instantOf } from './discord-payload.ts'
import { parseObject, textAt } from './field.ts'
import { identify } from './identity.ts'
import { withMember } from './member.ts'
import { type DiscordHistoryOrigin, malformed, type Reading, type SlackHistoryOrigin } from './origin.ts'
import { outgoing, sourceOf } from './outgoing.ts'
import { actorOf, postOf, subjectOf, timeOf } from './slack-payload.ts'

/*
 * Messages read from the platform's history, after a gap. They get the identity of the live message, so that
 * deduplication drops those which did arrive. History leaves out what is the same for the whole answer, and a handler of
 * live messages relies on it: that one field is put in front, the rest stands byte for byte.
 */

/**
 * Reads one message of `conversations.history` or `conversations.replies`; `channel` is added where absent. Never throws.
 * https://docs.slack.dev/reference/methods/conversations.history
 */
export function readSlackHistoryMessage(text: string, origin: SlackHistoryOrigin): Reading {
  const what = 'Slack history message'
  const message = parseObject(text)
  if (!message) return malformed(what, text, 'expected a JSON object')
  const inChannel = { channel: origin.channel, ...message }
  const post = postOf(inChannel)
  if (!post) return malformed(what, text, 'expected a "message" with "ts"')
  const installation = origin.organisationId ?? origin.teamId
  const fact = { ...post, team: installation, via: 'history' } as const
  const event = outgoing('slack', sourceOf('slack', origin.connection), backfilled(origin), {
    identity: identify('slack', origin.bot, 'slack-posted', fact),
    type: 'slack.message',
    dataText: withMember(text, 'channel', JSON.stringify(origin.channel)),
    time: timeOf(inChannel),
    subject: subjectOf(installation, post.channel),
    workspace: origin.teamId,
    actor: actorOf(message),
  })
  return { kind: 'event', event }
}

/**
 * Reads one message of a Discord channel's history as the MESSAGE_CREATE it was; `guild_id` is added where absent. Never
 * throws. https://docs.discord.com/developers/resources/message#get-channel-messages
 */
export function readDiscordHistoryMessage(text: string, origin: DiscordHistoryOrigin): Reading {
  const what = 'Discord history message'
  const message = parseObject(text)
  const id = textAt(message, 'id')
  if (!message) return malformed(what, text, 'expected a JSON object')
  if (id === undefined) return malformed(what, text, 'expected "id" to be text')
  const type = 'MESSAGE_CREATE'
  const { guildId } = origin
  const source = sourceOf('discord', origin.connection, origin.shard)
  const event = outgoing('discord', source, backfilled(origin), {
    identity: identify('discord', origin.bot, 'discord-message', { id }),
    type: `discord.${type}`,
    dataText: guildId === undefined ? text : withMember(text, 'guild_id', JSON.stringify(guildId)),
    time: instantOf(type, message),
    subject: conversationOf(type, message),
    workspace: guildOf(type, message) ?? guildId,
    actor: doerOf(type, message),
  })
  return { kind: 'event', event }
}

function backfilled<O extends object>(origin: O): O & { delivery: 'backfill' } {
  return { ...origin, delivery: 'backfill' }
}
