import type { Clock } from '../clock.ts'
import type { FakeDiscord } from '../discord/fake-discord.ts'
import type { SimulatorRecord } from '../record.ts'
import type { FakeSlack } from '../slack/fake-slack.ts'
import type { ChatSource } from './chat-source.ts'
import { ChatView } from './chat-view.ts'
import { DiscordChat } from './discord-chat.ts'
import { MessageStream } from './message-stream.ts'
import { pageBots } from './page-bots.ts'
import { PageFeed } from './page-feed.ts'
import type { PageParts } from './page-routes.ts'
import { SlackChat } from './slack-chat.ts'
import type { Stage } from './stage.ts'
import { streamVoices } from './stream-voices.ts'

const DEFAULT_TITLE = 'holdfast simulate'

/** How the chat page differs from one that shows the platforms alone. */
export interface PageOptions {
  /** `holdfast simulate` by default. */
  readonly title?: string
  /** What runs behind the platforms: the page then shows it, and may break it. */
  readonly stage?: Stage
}

/** What the chat page is made of. */
export interface ChatPageParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly slack: FakeSlack
  readonly discord: FakeDiscord
  readonly options?: PageOptions | undefined
}

/** The server's side of the chat page. Takes the record in from its making on, so that a page opened late sees it all. */
export class ChatPage {
  readonly parts: PageParts

  constructor({ clock, record, slack, discord, options = {} }: ChatPageParts) {
    const view = new ChatView(sourcesOf(slack, discord))
    const stream = new MessageStream(clock, streamVoices(slack, discord))
    const { title = DEFAULT_TITLE, ...stage } = options
    const bots = () => pageBots(slack, discord)
    const feed = new PageFeed({ clock, record, view, stream, bots, title, ...stage })
    this.parts = { feed, stream, ...stage }
  }

  stop(): void {
    this.parts.stream.stop()
    this.parts.feed.stop()
  }
}

/** The first workspace and the first guild, where there is a bot in them. */
function sourcesOf(slack: FakeSlack, discord: FakeDiscord): ChatSource[] {
  const [workspace] = slack.directory.workspaces.values()
  const slackBot = workspace?.bots[0]
  const [guild] = discord.directory.guilds
  const discordBot = guild && discord.directory.botsIn(guild.id)[0]
  return [
    ...(workspace && slackBot ? [new SlackChat(slack, workspace, slackBot)] : []),
    ...(guild && discordBot ? [new DiscordChat(discord, guild, discordBot)] : []),
  ]
}
