import { createInterface } from 'node:readline/promises'
import type { Command } from './command.ts'
import { runCommandLine } from './command-line.ts'
import { operatorConsole } from './commands/console.ts'
import { dead } from './commands/dead.ts'
import { demo } from './commands/demo.ts'
import { drain } from './commands/drain.ts'
import { gateway } from './commands/gateway.ts'
import { simulate } from './commands/simulate.ts'
import { status } from './commands/status.ts'
import { subscriptions } from './commands/subscriptions.ts'
import { readVersion } from './version.ts'

const commands = [
  gateway,
  status,
  subscriptions,
  dead,
  drain,
  operatorConsole,
  simulate,
  demo,
] as readonly Command[]

process.exitCode = await runCommandLine({ commands, version: readVersion() }, process.argv.slice(2), {
  env: process.env,
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
})

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await reader.question(question)
  } finally {
    reader.close()
  }
}
