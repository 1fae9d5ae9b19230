import { EXIT, ProblemError } from '@holdfast/runtime'
import {
  createSimulator,
  makeDiscordPopulation,
  makeSlackWorkspace,
  readScriptFile,
  type Script,
  type SimulatorAddresses,
  SimulatorError,
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
    script: {
      type: 'string',
      value: 'FILE',
      help: 'what happens by itself: faults, messages and streams on a timeline, as YAML or JSON',
    },
    json: { type: 'boolean', help: 'addresses, ids and tokens as one line of JSON' },
  },
  async run({ port, strict, channels, script, json }, { out }) {
    const size = { bots: 1, channels: wholeNumber('channels', channels ?? '2', 1, 1_000) }
    const simulator = createSimulator({
      limits: strict ? 'strict' : 'demo',
      page: { title: 'holdfast simulate' },
      slack: { workspaces: [makeSlackWorkspace(size)] },
      discord: { population: makeDiscordPopulation(size) },
      port: wholeNumber('port', port ?? '0', 0, 65_535),
      ...(script === undefined ? {} : { script: await readScript(script) }),
    })
    const { signal, close } = listenForInterruption()
    try {
      const addresses = await simulator.start().catch(refusePort)
      for (const line of json ? [JSON.stringify(addresses)] : describe(addresses)) out(line)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      await simulator.stop()
      close()
    }
    return EXIT.clean
  },
})

function readScript(file: string): Promise<Script> {
  return readScriptFile(file).catch((error: unknown) => {
    if (!(error instanceof SimulatorError)) throw error
    throw new ProblemError('usage', `simulate: ${error.message}`, { cause: error })
  })
}

function refusePort(error: unknown): never {
  if (error instanceof SimulatorError && error.code === 'port-in-use')
    throw new ProblemError('port-in-use', `simulate: --port: ${error.message}`, { cause: error })
  throw error
}

/** For people: lines to paste into a shell, with a remark above each group. */
function describe({ url, slackApiUrl, discordApiUrl, slack, discord }: SimulatorAddresses): string[] {
  return [
    `# simulated Slack and Discord, until Ctrl-C; open ${url} in a browser to chat there as people do`,
    '',
    '# where your gateway and your worker find them; paste these where you start each:',
    `export SLACK_API_URL=${slackApiUrl}`,
    `export SLACK_BOT_TOKEN=${slack.bots[0]?.token}`,
    // A remark: whoever pastes all of it gets one transport.
    `# Socket Mode instead of RTM, which has neither slash commands nor buttons: also export SLACK_APP_TOKEN=${slack.bots[0]?.appToken}`,
    `export DISCORD_API_URL=${discordApiUrl}`,
    `export DISCORD_TOKEN=${discord.bots[0]?.token}`,
    '# more than one bot, or other intents: a holdfast.yaml; README.md has one to begin with, docs/reference.md its keys',
    '',
    ...howToSpeak('Slack', `${url}/control/slack/message`, slack),
    ...howToCommand('Slack, over Socket Mode', `${url}/control/slack/command`, slack),
    ...howToSpeak('Discord', `${url}/control/discord/message`, discord),
    ...howToCommand('Discord', `${url}/control/discord/interaction`, discord),
    '# everything that was said, also by your bot:',
    `curl -sS '${url}/control/record?kind=post'`,
  ]
}

type Bots = { readonly bots: readonly { readonly userId: string }[] }
type People = Pick<SimulatorAddresses['slack' | 'discord'], 'channels' | 'users'>

function howToSpeak(platform: string, url: string, { channels: [channel], users: [user] }: People): string[] {
  const body = JSON.stringify({ channel: channel?.id, user: user?.id, text: 'hello' })
  return [
    `# say something on ${platform}, in #${channel?.name} (${channel?.id}) as ${user?.name} (${user?.id}):`,
    `curl -sS -H 'content-type: application/json' ${url} -d '${body}'`,
    '',
  ]
}

function howToCommand(
  platform: string,
  url: string,
  { bots: [bot], channels: [channel], users: [user] }: People & Bots,
): string[] {
  const isSlack = url.includes('/slack/')
  const command = isSlack ? '/deploy' : 'deploy'
  const body = JSON.stringify({
    bot: bot?.userId,
    channel: channel?.id,
    user: user?.id,
    command,
    ...(isSlack ? { text: 'main' } : {}),
  })
  return [
    `# a slash command on ${platform}:`,
    `curl -sS -H 'content-type: application/json' ${url} -d '${body}'`,
    '',
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
