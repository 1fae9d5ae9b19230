import type { SlackBot, SlackWorkspace } from '../slack/directory.ts'
import type { FakeSlack } from '../slack/fake-slack.ts'
import { isReply, type SlackMessage, THREAD_BROADCAST } from '../slack/messages.ts'
import type { ChatSource, StoredChatMessage } from './chat-source.ts'
import type { ChatReaction, ChatThread, PagePlatform } from './feed.ts'
import { slackButtonsIn } from './slack-buttons.ts'

const NO_COMMANDS = 'Slack sends slash commands over HTTP or Socket Mode, never over RTM.'

/** The fake Slack as the page shows it: its first workspace, seen by the first of its people. */
export class SlackChat implements ChatSource {
  readonly platform = 'slack'
  readonly botId: string
  readonly #slack: FakeSlack
  readonly #workspace: SlackWorkspace
  readonly #bot: Omit<SlackBot, 'teamId'>
  readonly #channels: ReadonlySet<string>
  readonly #names: ReadonlyMap<string, string>
  readonly #me: string

  constructor(slack: FakeSlack, workspace: SlackWorkspace, bot: Omit<SlackBot, 'teamId'>) {
    this.#slack = slack
    this.#workspace = workspace
    this.#bot = bot
    this.botId = bot.userId
    this.#channels = new Set(workspace.channels.map(({ id }) => id))
    this.#me = workspace.users[0]?.id ?? ''
    const bots = workspace.bots.map(({ userId, name }) => [userId, name] as const)
    this.#names = new Map([...bots, ...workspace.users.map(({ id, name }) => [id, name] as const)])
  }

  describe(): PagePlatform {
    const { name, channels, users } = this.#workspace
    const online = this.#slack.sockets(this.botId).length > 0
    return {
      platform: this.platform,
      name,
      bot: { id: this.botId, name: this.#bot.name, online },
      channels: channels.map((channel) => ({ id: channel.id, name: channel.name })),
      people: users.map((user) => ({ id: user.id, name: user.name })),
      me: this.#me,
      commands: [],
      commandsNote: NO_COMMANDS,
    }
  }

  version(): string {
    return ''
  }

  channelOf(lane: string): string | undefined {
    return this.#channels.has(lane) ? lane : undefined
  }

  has(channel: string, ts: string): boolean {
    return this.#slack.message(channel, ts) !== undefined
  }

  message(channel: string, ts: string): StoredChatMessage | undefined {
    const message = this.#slack.message(channel, ts)
    if (!message) return undefined
    const inThread = isReply(message) && { thread: message.thread_ts ?? '' }
    return {
      platform: this.platform,
      channel,
      id: ts,
      at: Math.round(Number(ts) * 1_000),
      ...inThread,
      ...(message.subtype === THREAD_BROADCAST && { alsoInChannel: true }),
      author: this.#authorOf(message),
      text: message.text,
      edited: message.edited !== undefined,
      buttons: slackButtonsIn(message.blocks),
      reactions: (message.reactions ?? []).map((reaction) => this.#showReaction(reaction)),
    }
  }

  threadOf(channel: string, ts: string): ChatThread | undefined {
    const message = this.#slack.message(channel, ts)
    if (!message || !isReply(message)) return undefined
    return { platform: this.platform, channel, id: message.thread_ts ?? '' }
  }

  #authorOf({ user, username, bot_id: botId }: SlackMessage): StoredChatMessage['author'] {
    const bot = this.#workspace.bots.find((other) => other.botId === botId)
    if (bot) return { id: bot.userId, name: username ?? bot.name, bot: true }
    const id = user ?? ''
    return {
      id,
      name: this.#names.get(id) ?? id,
      bot: this.#workspace.bots.some((other) => other.userId === id),
    }
  }

  #showReaction({ name, users, count }: NonNullable<SlackMessage['reactions']>[number]): ChatReaction {
    return { name, count, mine: users.includes(this.#me) }
  }
}
