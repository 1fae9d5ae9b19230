import { randomUUID } from 'node:crypto'
import { sleep, systemClock } from '@holdfast/runtime'
import {
  createSimulator,
  type Simulator,
  type SimulatorAddresses,
  type SimulatorOptions,
} from '@holdfast/simulator'
import { onTestFinished } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { QueuedEvents } from './queued-events.ts'

const INTENTS = [
  'GUILDS, GUILD_MEMBERS, GUILD_MODERATION, GUILD_EXPRESSIONS, GUILD_INTEGRATIONS, GUILD_WEBHOOKS, GUILD_INVITES',
  'GUILD_VOICE_STATES, GUILD_PRESENCES, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, GUILD_MESSAGE_TYPING',
  'DIRECT_MESSAGES, DIRECT_MESSAGE_REACTIONS, DIRECT_MESSAGE_TYPING, MESSAGE_CONTENT, GUILD_SCHEDULED_EVENTS',
].join(', ')

/** The connections of the stage: two bots on each platform, side by side in one channel. */
export const CONNECTIONS = ['slack-a', 'slack-b', 'discord-a', 'discord-b'] as const
export type ConnectionName = (typeof CONNECTIONS)[number]

/** The subscription that wants everything, as a line of the configuration. */
export const EVERYTHING = "  - { name: all, events: ['slack.*', 'discord.*', 'holdfast.gap'] }"

export interface StageOptions {
  /** Default: the Redis of the test run. */
  readonly redisUrl?: string
  /** Default: all of them. */
  readonly connections?: readonly ConnectionName[]
  /** Further connections, as lines of the configuration. */
  readonly moreConnections?: (at: SimulatorAddresses) => readonly string[]
  /** Default: one, `all`, that wants everything. */
  readonly subscriptions?: readonly string[]
  /** Further lines of the configuration. */
  readonly more?: readonly string[]
  readonly simulator?: SimulatorOptions
}

/** Both platforms, a place in Redis, and a configuration with which gateways are started on them. */
export class Stage {
  readonly simulator: Simulator
  readonly at: SimulatorAddresses
  readonly queued: QueuedEvents
  readonly redisUrl: string
  readonly prefix = `{platforms-${randomUUID()}}`
  readonly #options: StageOptions

  static async open(options: StageOptions = {}): Promise<Stage> {
    const simulator = createSimulator({ limits: 'demo', ...options.simulator })
    onTestFinished(() => simulator.stop())
    return new Stage(simulator, await simulator.start(), options)
  }

  private constructor(simulator: Simulator, at: SimulatorAddresses, options: StageOptions) {
    this.simulator = simulator
    this.at = at
    this.redisUrl = options.redisUrl ?? process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
    this.queued = new QueuedEvents(this.redisUrl, this.prefix)
    this.#options = options
  }

  /** Starts a gateway; resolves when its connections are up. */
  async startGateway(): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(this.configuration())
    await gateway.ready()
    return gateway
  }

  configuration(): string {
    const connections = this.#options.connections ?? CONNECTIONS
    return [
      `redis: { url: '${this.redisUrl}', prefix: '${this.prefix}' }`,
      'http: { port: 0 }',
      'connections:',
      ...connections.map((name) => this.#connection(name)),
      ...(this.#options.moreConnections?.(this.at) ?? []),
      'subscriptions:',
      ...(this.#options.subscriptions ?? [EVERYTHING]),
      ...(this.#options.more ?? []),
    ].join('\n')
  }

  /** A person says something in the first channel of each platform. */
  say(text: string): void {
    const [slack, discord] = [this.at.slack, this.at.discord]
    const place = (of: typeof slack | typeof discord) => ({
      channel: of.channels[0]?.id ?? '',
      user: of.users[0]?.id ?? '',
    })
    this.simulator.slack.say({ ...place(slack), text })
    this.simulator.discord.say({ ...place(discord), text })
  }

  /** People talk: `count` messages on each platform, `everyMs` apart. Resolves when all are said. */
  async talk(name: string, count: number, everyMs: number): Promise<void> {
    for (const text of numbered(name, count)) {
      this.say(text)
      await sleep(systemClock, everyMs)
    }
  }

  /** Says something and resolves when it is on the queue for all connections, and with it all that came before. */
  async settle(text: string): Promise<void> {
    this.say(text)
    await this.queued.until('all', text, this.#options.connections ?? CONNECTIONS)
  }

  /** The bot user's id behind a connection. */
  botOf(name: ConnectionName): string {
    const { slack, discord } = this.at
    const bots = name.startsWith('slack') ? slack.bots : discord.bots
    return bots[name.endsWith('a') ? 0 : 1]?.userId ?? ''
  }

  #connection(name: ConnectionName): string {
    const { slack, discord } = this.at
    const tokens = [...slack.bots.slice(0, 2), ...discord.bots.slice(0, 2)].map(({ token }) => token)
    const token = tokens[CONNECTIONS.indexOf(name)] ?? ''
    return name.startsWith('slack')
      ? `  - { id: ${name}, ${slackRtm(this.at, token)} }`
      : `  - { id: ${name}, ${discordBot(this.at, token)} }`
  }
}

/** What `talk` says: `count` texts, from `name 0` on. */
export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`)

export const slackRtm = (at: Pick<SimulatorAddresses, 'slackApiUrl'>, token: string): string =>
  `platform: slack, transport: rtm, botToken: ${token}, apiUrl: '${at.slackApiUrl}'`

/** The first bot's app, over Socket Mode. */
export const slackSocketMode = ({ slack, slackApiUrl }: SimulatorAddresses, sockets: number): string => {
  const [{ token, appToken } = { token: '', appToken: '' }] = slack.bots
  return `platform: slack, transport: socket-mode, appToken: ${appToken}, botToken: ${token}, sockets: ${sockets}, apiUrl: '${slackApiUrl}'`
}

export const discordBot = (at: SimulatorAddresses, token: string): string =>
  `platform: discord, token: ${token}, intents: [${INTENTS}], shards: 1, apiUrl: '${at.discordApiUrl}'`
