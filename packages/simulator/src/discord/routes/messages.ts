import type { DiscordChannel } from '../directory.ts'
import { readMessageBody } from '../message-body.ts'
import type { DiscordMessage, MessageQuery } from '../messages.ts'
import { showChannel } from '../payloads.ts'
import type { DiscordContent } from '../postings.ts'
import { isEmoji } from '../reactions.ts'
import {
  type BotCall,
  type DiscordWorld,
  invalidField,
  MISSING_ACCESS,
  NO_CONTENT,
  type RestAnswer,
  type Route,
  refuse,
  UNKNOWN_CHANNEL,
  UNKNOWN_MESSAGE,
} from '../route.ts'

/** The methods of a channel and its messages. */
export const MESSAGE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/channels/:channel', auth: 'bot', handle: getChannel },
  { method: 'GET', path: '/channels/:channel/messages', auth: 'bot', handle: listMessages },
  { method: 'POST', path: '/channels/:channel/messages', auth: 'bot', handle: createMessage },
  { method: 'POST', path: '/channels/:channel/typing', auth: 'bot', handle: startTyping },
  { method: 'GET', path: '/channels/:channel/messages/:message', auth: 'bot', handle: getMessage },
  { method: 'PATCH', path: '/channels/:channel/messages/:message', auth: 'bot', handle: editMessage },
  { method: 'DELETE', path: '/channels/:channel/messages/:message', auth: 'bot', handle: deleteMessage },
  {
    method: 'PUT',
    path: '/channels/:channel/messages/:message/reactions/:emoji/@me',
    auth: 'bot',
    handle: addReaction,
  },
  { method: 'POST', path: '/channels/:channel/messages/:message/threads', auth: 'bot', handle: startThread },
]

function getChannel(world: DiscordWorld, call: BotCall): RestAnswer {
  return inChannel(world, call, (channel) => ({ status: 200, body: showChannel(channel) }))
}

function listMessages(world: DiscordWorld, call: BotCall): RestAnswer {
  return inChannel(world, call, (channel) => {
    const query = readQuery(call.query)
    if ('status' in query) return query
    return { status: 200, body: world.messages.page(channel.id, query) }
  })
}

function createMessage(world: DiscordWorld, call: BotCall): RestAnswer {
  return inChannel(world, call, (channel) => {
    const body = readMessageBody(call.body)
    if ('refused' in body) return body.refused
    const reference = readReference(world, channel, call.body.message_reference)
    if ('status' in reference) return reference
    const method = 'POST /channels/:channel/messages'
    const way = { method, enforceNonce: call.body.enforce_nonce === true }
    const said = { ...body.said, ...reference }
    return { status: 200, body: world.postings.sayAsBot(call.bot, channel, said, way) }
  })
}

function startTyping(world: DiscordWorld, call: BotCall): RestAnswer {
  return inChannel(world, call, (channel) => {
    const d = { channel_id: channel.id, guild_id: channel.guildId, user_id: call.bot.id, timestamp: 0 }
    world.dispatches.make('TYPING_START', JSON.stringify(d), { channel, user: call.bot.id })
    return NO_CONTENT
  })
}

function getMessage(world: DiscordWorld, call: BotCall): RestAnswer {
  return atMessage(world, call, (message) => ({ status: 200, body: message }))
}

function editMessage(world: DiscordWorld, call: BotCall): RestAnswer {
  return atMessage(world, call, (message, channel) => {
    if (message.author.id !== call.bot.id) {
      return refuse(403, 50_005, 'Cannot edit a message authored by another user')
    }
    const body = readMessageBody(call.body, message)
    if ('refused' in body) return body.refused
    const edited = { ...message, ...body.said, edited_timestamp: world.postings.timestamp() }
    const method = 'PATCH /channels/:channel/messages/:message'
    world.postings.editAsBot(call.bot, channel, edited, { method })
    return { status: 200, body: edited }
  })
}

function deleteMessage(world: DiscordWorld, call: BotCall): RestAnswer {
  return atMessage(world, call, (message, channel) => {
    if (message.author.id !== call.bot.id) return refuse(403, 50_013, 'Missing Permissions')
    const method = 'DELETE /channels/:channel/messages/:message'
    world.postings.deleteAsBot(call.bot, channel, message, { method })
    return NO_CONTENT
  })
}

function addReaction(world: DiscordWorld, call: BotCall): RestAnswer {
  return atMessage(world, call, (message, channel) => {
    const emoji = call.params.emoji ?? ''
    if (!isEmoji(emoji)) return refuse(400, 10_014, 'Unknown Emoji')
    world.postings.reactAsBot(call.bot, channel, message, emoji)
    return NO_CONTENT
  })
}

function startThread(world: DiscordWorld, call: BotCall): RestAnswer {
  return atMessage(world, call, (message, channel) => {
    const name = typeof call.body.name === 'string' ? call.body.name : ''
    const started = world.threads.start({ parent: channel, message, name, ownerId: call.bot.id })
    switch (started.outcome) {
      case 'started':
        return { status: 201, body: showChannel(started.thread) }
      case 'bad-name':
        return invalidField('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.')
      case 'in-a-thread':
        return refuse(400, 50_024, 'Cannot execute action on this channel type')
      case 'already-there':
        return refuse(400, 160_004, 'A thread has already been created for this message')
      case 'too-many':
        return refuse(400, 160_006, 'Maximum number of active threads reached')
    }
  })
}

function inChannel(
  { directory }: DiscordWorld,
  { bot, params }: BotCall,
  then: (channel: DiscordChannel) => RestAnswer,
): RestAnswer {
  const channel = directory.channel(params.channel ?? '')
  if (!channel) return UNKNOWN_CHANNEL
  return directory.botsIn(channel.guildId).includes(bot) ? then(channel) : MISSING_ACCESS
}

function atMessage(
  world: DiscordWorld,
  call: BotCall,
  then: (message: DiscordMessage, channel: DiscordChannel) => RestAnswer,
): RestAnswer {
  return inChannel(world, call, (channel) => {
    const message = world.messages.find(channel.id, call.params.message ?? '')
    return message ? then(message, channel) : UNKNOWN_MESSAGE
  })
}

function readQuery({
  limit,
  after,
  before,
  around,
}: Readonly<Record<string, unknown>>): MessageQuery | RestAnswer {
  const count = limit === undefined ? 50 : Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    return invalidField('limit', 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.')
  }
  const given = Object.entries({ after, before, around }).filter(([, id]) => id !== undefined)
  if (given.some(([, id]) => !/^\d{1,20}$/.test(String(id)))) {
    return invalidField(given[0]?.[0] ?? '', 'NUMBER_TYPE_COERCE', 'Value is not snowflake.')
  }
  return { limit: count, ...Object.fromEntries(given) }
}

type Reference = Pick<DiscordContent, 'message_reference' | 'referenced_message'>

function readReference(
  { messages }: DiscordWorld,
  channel: DiscordChannel,
  given: unknown,
): Reference | RestAnswer {
  if (typeof given !== 'object' || given === null || !('message_id' in given)) return {}
  const id = String(given.message_id)
  const referenced = messages.find(channel.id, id)
  const mustExist = !('fail_if_not_exists' in given) || given.fail_if_not_exists !== false
  if (!referenced && mustExist) {
    return invalidField('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message')
  }
  const message_reference = { type: 0, channel_id: channel.id, message_id: id, guild_id: channel.guildId }
  return { message_reference, referenced_message: referenced ?? null }
}
