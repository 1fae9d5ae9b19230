import { EXIT, ProblemError } from '@holdfast/runtime'
import {
  createSimulator,
  makeDiscordPopulation,
  makeSlackWorkspace,
  type SimulatorAddresses,
} from '@holdfast/simulator'
import { command } from '../command.ts'
import { listenForInterruption } from '../demo/interruption.ts'

export const simulate = command({
  name: 'simulate',
  summary: 'Runs a simulated Slack and Discord to develop bots against, until SIGTERM or SIGINT',
  flags: {
    port: { type: 'string', value: 'PORT', help: 'where to listen on 127.0.0.1; default: any free port' },
    strict: {
      type: 'boolean',
      help: "the platforms' own rate limits, instead of none that a developer would notice",
    },
    channels: { type: 'string', value: 'N', help: 'how many channels each platform has; default: 2' },
    json: { type: 'boolean', help: 'addresses, ids and tokens as one line of JSON' },
  },
  async run({ port, strict, channels, json }, { out }) {
    const size = { bots: 1, channels: wholeNumber('channels', channels ?? '2', 1, 1_000) }
    const simulator = createSimulator({
      limits: strict ? 'strict' : 'demo',
      slack: { workspaces: [makeSlackWorkspace(size)] },
      discord: { population: makeDiscordPopulation(size) },
      port: wholeNumber('port', port ?? '0', 0, 65_535),
    })
    const { signal, close } = listenForInterruption()
    try {
      const addresses = await simulator.start()
      for (const line of json ? [JSON.stringify(addresses)] : describe(addresses)) out(line)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await simulator.stop()
      close()
    }
    return EXIT.clean
  },
})

function describe({ url, slackApiUrl, discordApiUrl, slack, discord }: SimulatorAddresses): string[] {
  return [
    `simulated Slack and Discord at ${url}; for your gateway and your worker:`,
    `  SLACK_API_URL=${slackApiUrl} SLACK_BOT_TOKEN=${slack.bots[0]?.token}`,
    `  DISCORD_API_URL=${discordApiUrl} DISCORD_TOKEN=${discord.bots[0]?.token}`,
    `people speak through ${url}/control/slack/message and /control/discord/message, for example`,
    `  curl -H 'content-type: application/json' ${url}/control/slack/message \\`,
    `    -d '{"channel":"${slack.channels[0]?.id}","user":"${slack.users[0]?.id}","text":"hello"}'`,
    `everything that was said: ${url}/control/record`,
  ]
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new ProblemError(
    'usage',
    `simulate: --${flag} is "${text}"; give a whole number from ${least} to ${most}`,
  )
}
