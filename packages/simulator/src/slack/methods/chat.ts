import type { SlackChannel } from '../directory.ts'
import type { SlackMessage } from '../messages.ts'
import {
  channelOf,
  refuse,
  type SlackAnswer,
  type SlackArgs,
  type SlackCall,
  type SlackMethod,
  type SlackWorld,
} from '../method.ts'

// "Messages with text containing more than 40,000 characters will be truncated"; an update is refused beyond 4,000.
const TRUNCATED_AT = 40_000
const UPDATE_LENGTH = 4_000

/** https://docs.slack.dev/reference/methods/chat.postMessage */
export const chatPostMessage: SlackMethod = (world, call) => {
  const { bot, args } = call
  const channel = channelOf(world, call)
  if (!channel) return refuse('channel_not_found')
  if (!channel.members.has(bot.userId)) return refuse('not_in_channel')
  const extras = readExtras(args)
  if ('error' in extras) return extras
  const text = (args.text('text') ?? '').slice(0, TRUNCATED_AT)
  if (text === '' && !extras.blocks && !extras.attachments) return refuse('no_text')
  const message = world.postings.sayAsBot(bot, {
    method: 'chat.postMessage',
    channel,
    text,
    asUser: args.flag('as_user'),
    extras,
    threadTs: args.text('thread_ts'),
    broadcast: args.flag('reply_broadcast'),
    username: args.text('username'),
  })
  return { ok: true, channel: channel.id, ts: message.ts, message }
}

/** https://docs.slack.dev/reference/methods/chat.update */
export const chatUpdate: SlackMethod = (world, call) => {
  const found = ownMessage(world, call)
  if ('error' in found) return found
  const extras = readExtras(call.args)
  if ('error' in extras) return extras
  const text = call.args.text('text') ?? found.message.text
  if (text.length > UPDATE_LENGTH) return refuse('msg_too_long')
  if (text === '' && !extras.blocks) return refuse('no_text')
  const edited = { user: call.bot.userId, ts: world.messages.nextTs() }
  const message: SlackMessage = { ...found.message, text, ...extras, edited }
  world.postings.editAsBot(call.bot, found.channel, message)
  return { ok: true, channel: found.channel.id, ts: message.ts, text, message }
}

/** https://docs.slack.dev/reference/methods/chat.delete */
export const chatDelete: SlackMethod = (world, call) => {
  const found = ownMessage(world, call)
  if ('error' in found) return found.error === 'cant_update_message' ? refuse('cant_delete_message') : found
  world.postings.deleteAsBot(call.bot, found.channel, found.message)
  return { ok: true, channel: found.channel.id, ts: found.message.ts }
}

/** https://docs.slack.dev/reference/methods/reactions.add */
export const reactionsAdd: SlackMethod = (world, call) => {
  const { bot, args } = call
  const name = args.text('name')
  if (!name) return refuse('no_reaction')
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) return refuse('invalid_name')
  const channel = channelOf(world, call)
  if (!channel) return refuse('channel_not_found')
  const message = world.messages.find(channel.id, args.text('timestamp') ?? '')
  if (!message) return refuse('message_not_found')
  const users = message.reactions?.find((reaction) => reaction.name === name)?.users
  if (users?.includes(bot.userId)) return refuse('already_reacted')
  world.postings.reactAsBot(bot, channel, message, name)
  return { ok: true }
}

type Extras = Pick<SlackMessage, 'blocks' | 'attachments' | 'metadata'>

function readExtras(args: SlackArgs): Extras | (SlackAnswer & { error: string }) {
  const blocks = args.json('blocks')
  const attachments = args.json('attachments')
  const metadata = args.json('metadata')
  if (blocks === 'invalid' || attachments === 'invalid') return { ok: false, error: 'invalid_blocks_format' }
  if (metadata === 'invalid') return { ok: false, error: 'invalid_metadata_format' }
  if (metadata && !isMetadata(metadata)) return { ok: false, error: 'invalid_metadata_schema' }
  return { ...(blocks && { blocks }), ...(attachments && { attachments }), ...(metadata && { metadata }) }
}

function isMetadata(metadata: object): boolean {
  return (
    'event_type' in metadata &&
    typeof metadata.event_type === 'string' &&
    'event_payload' in metadata &&
    typeof metadata.event_payload === 'object'
  )
}

type Found = { readonly channel: SlackChannel; readonly message: SlackMessage }

function ownMessage(world: SlackWorld, call: SlackCall): Found | (SlackAnswer & { error: string }) {
  const { bot, args } = call
  const channel = channelOf(world, call)
  if (!channel) return { ok: false, error: 'channel_not_found' }
  const message = world.messages.find(channel.id, args.text('ts') ?? '')
  if (!message) return { ok: false, error: 'message_not_found' }
  if (message.bot_id !== bot.botId) return { ok: false, error: 'cant_update_message' }
  return { channel, message }
}
