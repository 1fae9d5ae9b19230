import { personName } from '../person-names.ts'

/** A bot and its app. Ids are Slack's own kinds: `A…`, `B…`, `U…`, `T…`. */
export interface SlackBot {
  readonly appId: string
  readonly botId: string
  readonly userId: string
  readonly teamId: string
  readonly name: string
  /** The bot token, `xoxb-…`: for RTM and every method but `apps.connections.open`. */
  readonly token: string
  /** The app-level token, `xapp-…`: for `apps.connections.open` alone. */
  readonly appToken: string
}

/** A person. */
export interface SlackUser {
  readonly id: string
  readonly teamId: string
  readonly name: string
}

/** A public channel of a workspace. */
export interface SlackChannel {
  readonly id: string
  readonly teamId: string
  readonly name: string
  /** User ids of people and bots. Only bots in here get the channel's events. */
  readonly members: ReadonlySet<string>
}

/** One workspace and all that is in it. A channel without `members` has everyone. */
export interface SlackWorkspace {
  readonly id: string
  readonly name: string
  readonly domain: string
  readonly bots: readonly Omit<SlackBot, 'teamId'>[]
  readonly users: readonly Omit<SlackUser, 'teamId'>[]
  readonly channels: readonly {
    readonly id: string
    readonly name: string
    readonly members?: readonly string[]
  }[]
}

/** How many of each a made-up workspace has. */
export interface SlackWorkspaceSize {
  /** Tells several workspaces apart; 1 by default. */
  readonly number?: number
  readonly bots?: number
  readonly users?: number
  readonly channels?: number
}

/** A workspace with as many bots (2), users (3) and channels (2) as asked for, everyone in every channel. */
export function makeSlackWorkspace(size: SlackWorkspaceSize = {}): SlackWorkspace {
  const team = size.number ?? 1
  const id = (kind: string, n: number) =>
    `${kind}0${String(team).padStart(2, '0')}${String(n).padStart(6, '0')}`
  return {
    id: id('T', 0),
    name: `Kelp Forest ${team}`,
    domain: `kelp-forest-${team}`,
    bots: times(size.bots ?? 2, (n) => ({
      appId: id('A', n),
      botId: id('B', n),
      userId: id('U', 500_000 + n),
      name: n === 1 ? 'otter' : `otter-${n}`,
      token: `xoxb-simulated-${team}-${n}`,
      appToken: `xapp-1-${id('A', n)}-simulated`,
    })),
    users: times(size.users ?? 3, (n) => ({ id: id('U', n), name: personName(n) })),
    channels: times(size.channels ?? 2, (n) => ({ id: id('C', n), name: n === 1 ? 'general' : `reef-${n}` })),
  }
}

function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}

/** Who and what exists on the fake Slack. Fixed at the start, but for revoked tokens. */
export class SlackDirectory {
  readonly workspaces: ReadonlyMap<string, SlackWorkspace>
  readonly bots: readonly SlackBot[]
  readonly users: readonly SlackUser[]
  readonly channels: readonly SlackChannel[]
  readonly #botByToken: Map<string, SlackBot>
  readonly #botByAppToken: Map<string, SlackBot>
  readonly #channelById: Map<string, SlackChannel>
  readonly #botsByChannel = new Map<string, readonly SlackBot[]>()
  readonly #revoked = new Set<SlackBot>()

  constructor(workspaces: readonly SlackWorkspace[]) {
    this.workspaces = new Map(workspaces.map((workspace) => [workspace.id, workspace]))
    this.bots = workspaces.flatMap((w) => w.bots.map((bot) => ({ ...bot, teamId: w.id })))
    this.users = workspaces.flatMap((w) => w.users.map((user) => ({ ...user, teamId: w.id })))
    this.channels = workspaces.flatMap(channelsOf)
    this.#botByToken = new Map(this.bots.map((bot) => [bot.token, bot]))
    this.#botByAppToken = new Map(this.bots.map((bot) => [bot.appToken, bot]))
    this.#channelById = new Map(this.channels.map((channel) => [channel.id, channel]))
    for (const channel of this.channels) {
      const members = this.bots.filter((bot) => channel.members.has(bot.userId))
      this.#botsByChannel.set(channel.id, members)
    }
  }

  /** The bot of a token that is known and not revoked. */
  botOfToken(token: string): SlackBot | undefined {
    const bot = this.#botByToken.get(token)
    return bot && !this.#revoked.has(bot) ? bot : undefined
  }

  /** The bot of an app-level token whose app is still installed. */
  botOfAppToken(token: string): SlackBot | undefined {
    const bot = this.#botByAppToken.get(token)
    return bot && !this.#revoked.has(bot) ? bot : undefined
  }

  /** By bot user id, bot id or app id: whichever a test has at hand. */
  bot(id: string): SlackBot | undefined {
    return this.bots.find((bot) => [bot.userId, bot.botId, bot.appId].includes(id))
  }

  channel(id: string): SlackChannel | undefined {
    return this.#channelById.get(id)
  }

  botsIn(channelId: string): readonly SlackBot[] {
    return this.#botsByChannel.get(channelId) ?? []
  }

  workspaceOf(of: { readonly teamId: string }): SlackWorkspace {
    const workspace = this.workspaces.get(of.teamId)
    if (!workspace) throw new Error(`no Slack workspace ${of.teamId} in the simulator's options`)
    return workspace
  }

  revoke(bot: SlackBot): void {
    this.#revoked.add(bot)
  }
}

function channelsOf(workspace: SlackWorkspace): SlackChannel[] {
  const everyone = [...workspace.bots.map((bot) => bot.userId), ...workspace.users.map((user) => user.id)]
  return workspace.channels.map(({ id, name, members }) => ({
    id,
    teamId: workspace.id,
    name,
    members: new Set(members ?? everyone),
  }))
}
