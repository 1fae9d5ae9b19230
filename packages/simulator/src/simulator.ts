import { ArmedFaults } from './armed-faults.ts'
import { type Clock, systemClock } from './clock.ts'
import { type DiscordPopulation, makeDiscordPopulation } from './discord/directory.ts'
import { FakeDiscord } from './discord/fake-discord.ts'
import type { FaultHit } from './facts.ts'
import type { FaultRequest, FaultWorld } from './fault.ts'
import { applyFault } from './faults.ts'
import { DEMO_LIMITS, type DiscordLimits, type SlackLimits, STRICT_LIMITS } from './limits.ts'
import { ChatPage, type PageOptions } from './page/chat-page.ts'
import { type RecordOptions, SimulatorRecord } from './record.ts'
import type { Script } from './script/script.ts'
import { ScriptPlayer } from './script/script-player.ts'
import { SimulatorServer } from './server.ts'
import { makeSlackWorkspace, type SlackWorkspace } from './slack/directory.ts'
import { FakeSlack } from './slack/fake-slack.ts'

/** How a simulator differs from the default: one workspace and one guild with two bots each, strict limits, a free port. */
export interface SimulatorOptions {
  /** `strict` (default): the worst figures known of the platforms. `demo`: rates loosened, rules kept. */
  readonly limits?: 'strict' | 'demo'
  readonly slack?: {
    readonly workspaces?: readonly SlackWorkspace[]
    /** Single figures over those of `limits`. */
    readonly limits?: Partial<SlackLimits>
  }
  readonly discord?: {
    readonly population?: DiscordPopulation
    readonly limits?: Partial<DiscordLimits>
  }
  /** The chat page at `/`: always there; how it differs from a plain one. */
  readonly page?: PageOptions
  readonly record?: RecordOptions
  /** What happens by itself from the start on; `readScript` makes one. */
  readonly script?: Script
  readonly clock?: Clock
  /** 127.0.0.1 by default. The simulator has no authentication of its own: let it out of the machine on purpose only. */
  readonly host?: string
  readonly port?: number
}

/** Where a running simulator is, and the ids and tokens that it made up: all that a client needs. */
export interface SimulatorAddresses {
  readonly url: string
  readonly slackApiUrl: string
  readonly discordApiUrl: string
  readonly controlUrl: string
  readonly slack: {
    readonly bots: readonly {
      readonly token: string
      readonly appToken: string
      readonly appId: string
      readonly botId: string
      readonly userId: string
      readonly teamId: string
      readonly name: string
    }[]
    readonly channels: readonly { readonly id: string; readonly name: string; readonly teamId: string }[]
    readonly users: readonly { readonly id: string; readonly name: string; readonly teamId: string }[]
  }
  readonly discord: {
    readonly bots: readonly {
      readonly token: string
      readonly applicationId: string
      readonly userId: string
      readonly name: string
    }[]
    readonly channels: readonly { readonly id: string; readonly name: string; readonly guildId: string }[]
    readonly users: readonly { readonly id: string; readonly name: string }[]
  }
}

/** A fake Slack and a fake Discord on one server, with a record of everything said. */
export interface Simulator {
  readonly slack: FakeSlack
  readonly discord: FakeDiscord
  readonly record: SimulatorRecord
  /** Resolves when requests and sockets are taken; throws `SimulatorError` `port-in-use`. May be called twice. */
  start(): Promise<SimulatorAddresses>
  /** Ends all sockets; resolves when nothing is left running. May be called twice. A stopped simulator stays stopped. */
  stop(): Promise<void>
  /** Makes a fault happen or arms it; `GET /control/fault` lists them. Answers what it hit; throws `SimulatorError` for an unknown one. */
  fault(ask: FaultRequest): FaultHit
}

/** A simulator, not yet started. In-process calls and the HTTP API under `/control` do the same. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? systemClock
  const record = new SimulatorRecord(clock, options.record)
  const armed = new ArmedFaults(clock)
  const preset = options.limits === 'demo' ? DEMO_LIMITS : STRICT_LIMITS
  const slackLimits = { ...preset.slack, ...options.slack?.limits }
  const discordLimits = { ...preset.discord, ...options.discord?.limits }
  const workspaces = options.slack?.workspaces ?? [makeSlackWorkspace()]
  const population = options.discord?.population ?? makeDiscordPopulation()
  const slack = new FakeSlack({ clock, record, armed, limits: slackLimits, workspaces })
  const discord = new FakeDiscord({ clock, record, armed, limits: discordLimits, population })
  const world: FaultWorld = { slack, discord, armed, record, clock }
  const player = options.script && new ScriptPlayer(world, options.script)
  const page = new ChatPage({ clock, record, slack, discord, options: options.page })
  const host = options.host ?? '127.0.0.1'
  const server = new SimulatorServer({ world, limits: slackLimits, page: page.parts, host })
  let started: Promise<SimulatorAddresses> | undefined
  let stopped: Promise<void> | undefined

  async function listen(): Promise<SimulatorAddresses> {
    const url = await server.listen(options.port ?? 0)
    player?.start()
    return addressesOf(url, slack, discord)
  }

  async function end(): Promise<void> {
    await started?.catch(() => {})
    player?.stop()
    page.stop()
    slack.stop()
    discord.stop()
    await server.close()
  }

  return {
    slack,
    discord,
    record,
    start: () => {
      started ??= listen()
      return started
    },
    stop: () => {
      stopped ??= end()
      return stopped
    },
    fault: (ask) => applyFault(world, ask),
  }
}

function addressesOf(url: string, slack: FakeSlack, discord: FakeDiscord): SimulatorAddresses {
  return {
    url,
    slackApiUrl: `${url}/slack/api/`,
    discordApiUrl: `${url}/discord/api/v10`,
    controlUrl: `${url}/control`,
    slack: {
      bots: slack.directory.bots.map(({ token, appToken, appId, botId, userId, teamId, name }) => ({
        token,
        appToken,
        appId,
        botId,
        userId,
        teamId,
        name,
      })),
      channels: slack.directory.channels.map(({ id, name, teamId }) => ({ id, name, teamId })),
      users: slack.directory.users.map(({ id, name, teamId }) => ({ id, name, teamId })),
    },
    discord: {
      bots: discord.directory.bots.map(({ token, applicationId, id: userId, username: name }) => ({
        token,
        applicationId,
        userId,
        name,
      })),
      channels: discord.directory.channels.map(({ id, name, guildId }) => ({ id, name, guildId })),
      users: discord.directory.users.map(({ id, username: name }) => ({ id, name })),
    },
  }
}
