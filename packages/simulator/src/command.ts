import { parseArgs } from 'node:util'
import { makeDiscordPopulation } from './discord/directory.ts'
import { readScriptFile } from './script/script-file.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
import { makeSlackWorkspace } from './slack/directory.ts'

const USAGE = `holdfast-simulator: a fake Slack and a fake Discord on one port.
Prints one line of JSON with addresses, ids and tokens, and runs until SIGINT or SIGTERM.

  --port N        where to listen; a free port by default
  --host HOST     127.0.0.1 by default
  --limits NAME   strict (default) or demo
  --bots N        bots on each platform; 2 by default
  --channels N    channels on each platform; 2 by default
  --script FILE   what happens by itself: faults, messages and streams on a timeline, as YAML or JSON
`

const TEXT = { type: 'string' } as const
const OPTIONS = {
  port: TEXT,
  host: TEXT,
  limits: TEXT,
  bots: TEXT,
  channels: TEXT,
  script: TEXT,
  help: { type: 'boolean' },
} as const

/**
 * Starts a simulator as the command line asks and prints its addresses as one line of JSON, or prints the usage and
 * answers nothing. Rejects with one clear line for an argument it can't read.
 */
export async function runCommand(
  args: readonly string[],
  print: (text: string) => void,
): Promise<Simulator | undefined> {
  const options = await readOptions(args)
  if (options === 'help') {
    print(USAGE)
    return undefined
  }
  const simulator = createSimulator(options)
  print(`${JSON.stringify(await simulator.start())}\n`)
  return simulator
}

async function readOptions(args: readonly string[]): Promise<SimulatorOptions | 'help'> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return 'help'
  const size = {
    bots: readCount('bots', values.bots, 2),
    channels: readCount('channels', values.channels, 2),
  }
  return {
    host: values.host ?? '127.0.0.1',
    port: readCount('port', values.port, 0),
    limits: readLimits(values.limits),
    slack: { workspaces: [makeSlackWorkspace(size)] },
    discord: { population: makeDiscordPopulation(size) },
    ...(values.script === undefined ? {} : { script: await readScriptFile(values.script) }),
  }
}

function readCount(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault
  if (/^\d+$/.test(text)) return Number(text)
  throw new Error(`--${name} must be a whole number, not "${text}"`)
}

function readLimits(name: string | undefined): 'strict' | 'demo' {
  if (name === undefined || name === 'strict') return 'strict'
  if (name === 'demo') return 'demo'
  throw new Error(`--limits must be strict or demo, not "${name}"`)
}
