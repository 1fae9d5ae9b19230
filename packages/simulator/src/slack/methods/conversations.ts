import { given } from '../../given.ts'
import type { SlackBot, SlackChannel } from '../directory.ts'
import type { HistoryPage, HistoryQuery, SlackMessage } from '../messages.ts'
import {
  channelOf,
  refuse,
  type SlackAnswer,
  type SlackArgs,
  type SlackCall,
  type SlackMethod,
} from '../method.ts'

const DEFAULT_PAGE_COUNT = 100
const CONVERSATION_TYPES: ReadonlySet<string> = new Set(['public_channel', 'private_channel', 'mpim', 'im'])

/** https://docs.slack.dev/reference/methods/conversations.history */
export const conversationsHistory: SlackMethod = (world, call) => {
  const channel = channelOf(world, call)
  if (!channel) return refuse('channel_not_found')
  if (!channel.members.has(call.bot.userId)) return refuse('not_in_channel')
  const query = readQuery(call.args, world.limits.historyPageCount)
  if (!query) return refuse('invalid_cursor')
  const page = world.messages.history(channel.id, query)
  const more = { pin_count: 0, channel_actions_ts: null, channel_actions_count: 0 }
  return { ...showPage(page, call.args), ...more }
}

/** https://docs.slack.dev/reference/methods/conversations.replies */
export const conversationsReplies: SlackMethod = (world, call) => {
  const channel = channelOf(world, call)
  if (!channel) return refuse('channel_not_found')
  if (!channel.members.has(call.bot.userId)) return refuse('not_in_channel')
  const query = readQuery(call.args, world.limits.historyPageCount)
  if (!query) return refuse('invalid_cursor')
  const page = world.messages.replies(channel.id, call.args.text('ts') ?? '', query)
  return page ? showPage(page, call.args) : refuse('thread_not_found')
}

/** https://docs.slack.dev/reference/methods/conversations.info */
export const conversationsInfo: SlackMethod = (world, call) => {
  const channel = channelOf(world, call)
  return channel ? { ok: true, channel: showChannel(channel, call.bot) } : refuse('channel_not_found')
}

/** https://docs.slack.dev/reference/methods/conversations.list */
export const conversationsList: SlackMethod = (world, call) =>
  listChannels(
    world.directory.channels.filter((channel) => channel.teamId === call.bot.teamId),
    call,
  )

/**
 * Those that the caller is in; without `types` the public channels, and all of these are.
 * https://docs.slack.dev/reference/methods/users.conversations
 */
export const usersConversations: SlackMethod = (world, call) => {
  const { bot, args } = call
  const types = (args.text('types') ?? 'public_channel').split(',').map((type) => type.trim())
  if (types.some((type) => !CONVERSATION_TYPES.has(type))) return refuse('invalid_types')
  const own = world.directory.channels.filter(
    (channel) => channel.teamId === bot.teamId && channel.members.has(bot.userId),
  )
  return listChannels(types.includes('public_channel') ? own : [], call)
}

function listChannels(all: readonly SlackChannel[], { bot, args }: SlackCall): SlackAnswer {
  const from = readCursor(args, 'channel')
  if (from === 'invalid') return refuse('invalid_cursor')
  const start = from === undefined ? 0 : all.findIndex((channel) => channel.id === from)
  const count = args.count('limit', DEFAULT_PAGE_COUNT, 1_000)
  const channels = all.slice(start, start + count).map((channel) => showChannel(channel, bot))
  const next = all[start + count]
  return {
    ok: true,
    channels,
    response_metadata: { next_cursor: next ? writeCursor('channel', next.id) : '' },
  }
}

function readQuery(args: SlackArgs, maxCount: number): HistoryQuery | undefined {
  const afterTs = readCursor(args, 'ts')
  if (afterTs === 'invalid') return undefined
  return given({
    inclusive: args.flag('inclusive'),
    limit: args.count('limit', DEFAULT_PAGE_COUNT, maxCount),
    oldest: args.text('oldest') || undefined,
    latest: args.text('latest') || undefined,
    afterTs,
  })
}

function showPage({ messages, hasMore }: HistoryPage, args: SlackArgs): SlackAnswer {
  const last = messages.at(-1)
  const withMetadata = args.flag('include_all_metadata')
  return {
    ok: true,
    messages: messages.map((message) => showMessage(message, withMetadata)),
    has_more: hasMore,
    ...(hasMore && last ? { response_metadata: { next_cursor: writeCursor('ts', last.ts) } } : {}),
  }
}

function showMessage(message: SlackMessage, withMetadata: boolean): SlackMessage {
  if (withMetadata || message.metadata === undefined) return message
  const { metadata: _, ...shown } = message
  return shown
}

function showChannel(channel: SlackChannel, bot: SlackBot) {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: false,
    is_archived: false,
    is_member: channel.members.has(bot.userId),
    context_team_id: channel.teamId,
    num_members: channel.members.size,
  }
}

/** Slack's cursors are opaque base64 texts; so are these. */
function writeCursor(kind: string, value: string): string {
  return Buffer.from(`${kind}:${value}`).toString('base64')
}

function readCursor(args: SlackArgs, kind: string): string | undefined | 'invalid' {
  const cursor = args.text('cursor')
  if (!cursor) return undefined
  const text = Buffer.from(cursor, 'base64').toString()
  return text.startsWith(`${kind}:`) ? text.slice(kind.length + 1) : 'invalid'
}
