import { createSimulator, makeDiscordPopulation, makeSlackWorkspace } from '@holdfast/simulator'
import type { SimulatedPlatforms } from './simulated-platforms.ts'

/*
 * The demo's Slack and Discord, as a process of their own: they go on while everything of ours is killed and replaced.
 * Tells its parent where they are, and runs until SIGTERM.
 */

const { HOLDFAST_DEMO_CHANNELS = '2' } = process.env
const size = { bots: 1, users: 1, channels: Number(HOLDFAST_DEMO_CHANNELS) }

const simulator = createSimulator({
  limits: 'demo',
  slack: { workspaces: [makeSlackWorkspace(size)] },
  discord: { population: makeDiscordPopulation(size) },
})
const { url, slackApiUrl, discordApiUrl, slack, discord } = await simulator.start()
const platforms: SimulatedPlatforms = {
  url,
  slack: platform(slackApiUrl, slack),
  discord: platform(discordApiUrl, discord),
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop())
process.send?.(platforms)

interface Population {
  readonly bots: readonly { readonly token: string; readonly userId: string }[]
  readonly users: readonly { readonly id: string }[]
  readonly channels: readonly { readonly id: string }[]
}

function platform(apiUrl: string, { bots: [bot], users: [user], channels }: Population) {
  const ids = { token: bot?.token ?? '', bot: bot?.userId ?? '', user: user?.id ?? '' }
  return { apiUrl, ...ids, channels: channels.map(({ id }) => id) }
}
