#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { makeDiscordPopulation } from './discord/directory.ts'
import { createSimulator, type SimulatorOptions } from './simulator.ts'
import { makeSlackWorkspace } from './slack/directory.ts'

const USAGE = `holdfast-simulator: a fake Slack and a fake Discord on one port.
Prints one line of JSON with addresses, ids and tokens, and runs until SIGINT or SIGTERM.

  --port N        where to listen; a free port by default
  --host HOST     127.0.0.1 by default
  --limits NAME   strict (default) or demo
  --bots N        bots on each platform; 2 by default
  --channels N    channels on each platform; 2 by default
`

function readOptions(args: readonly string[]): SimulatorOptions | 'help' {
  const text = { type: 'string' } as const
  const options = {
    port: text,
    host: text,
    limits: text,
    bots: text,
    channels: text,
    help: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: [...args], options })
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

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(USAGE)
    return
  }
  const simulator = createSimulator(options)
  process.stdout.write(`${JSON.stringify(await simulator.start())}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop())
}

main().catch((error: unknown) => {
  process.stderr.write(`holdfast-simulator: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
