import {
  createSimulator,
  makeDiscordPopulation,
  makeSlackWorkspace,
  type Simulator,
  type SimulatorOptions,
} from '@holdfast/simulator'
import type { SimulatedPlatform, SimulatedPlatforms } from './simulated-platforms.ts'

export interface DemoSimulatorOptions {
  readonly channelCount: number
  /** What people may look at in a browser; none for a check. */
  readonly page?: SimulatorOptions['page']
}

/** The demo's Slack and Discord, in this process: they go on while everything of ours is killed and replaced. */
export interface DemoSimulator {
  readonly simulator: Simulator
  readonly platforms: SimulatedPlatforms
}

/** The bot's slash command; the simulator shows it to people. */
const COMMANDS = [{ name: 'tide', description: 'When the water comes and goes' }]

/** Resolves when it listens. */
export async function startDemoSimulator({
  channelCount,
  page,
}: DemoSimulatorOptions): Promise<DemoSimulator> {
  const size = { bots: 1, channels: channelCount }
  const { bots, ...population } = makeDiscordPopulation(size)
  const simulator = createSimulator({
    limits: 'demo',
    slack: { workspaces: [makeSlackWorkspace(size)] },
    discord: { population: { ...population, bots: bots.map((bot) => ({ ...bot, commands: COMMANDS })) } },
    ...(page === undefined ? {} : { page }),
  })
  const { url, slackApiUrl, discordApiUrl, slack, discord } = await simulator.start()
  const platforms = { url, slack: platform(slackApiUrl, slack), discord: platform(discordApiUrl, discord) }
  return { simulator, platforms }
}

interface Population {
  readonly bots: readonly { readonly token: string; readonly userId: string; readonly botId?: string }[]
  readonly users: readonly { readonly id: string }[]
  readonly channels: readonly { readonly id: string }[]
}

function platform(apiUrl: string, { bots: [bot], users: [user], channels }: Population): SimulatedPlatform {
  const ids = { token: bot?.token ?? '', bot: bot?.userId ?? '', user: user?.id ?? '' }
  const botIds = [bot?.userId, bot?.botId].filter((id) => id !== undefined)
  return { apiUrl, ...ids, botIds, channels: channels.map(({ id }) => id) }
}
