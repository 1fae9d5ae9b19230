import { parseArgs } from 'node:util'
import { didYouMean, EXIT, messageOf, ProblemError } from '@holdfast/runtime'
import type { Command, FlagValues, Terminal } from './command.ts'
import { commandHelp, overview } from './help.ts'

export interface CommandLine {
  readonly commands: readonly Command[]
  readonly version: string
}

/**
 * Runs what `args` (without node and script) ask for and resolves with the exit code: 0, 1 or 2 as the help says. What
 * a person got wrong is one line that says what to type instead.
 */
export async function runCommandLine(
  { commands, version }: CommandLine,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [word, ...rest] = args
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    terminal.out(overview(commands))
    return word === undefined ? EXIT.misuse : EXIT.clean
  }
  if (word === '--version' || word === '-v') {
    terminal.out(version)
    return EXIT.clean
  }
  try {
    return await runCommand(find(commands, word), rest, terminal)
  } catch (error) {
    return tell(error, terminal)
  }
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(commandHelp(command))
    return EXIT.clean
  }
  const { flags, operands } = readArguments(command, args)
  return command.run(flags, terminal, operands)
}

function find(commands: readonly Command[], word: string): Command {
  const command = commands.find(({ name }) => name === word)
  if (command) return command
  const names = commands.map(({ name }) => name)
  const what = word.startsWith('-') ? 'option' : 'command'
  throw usage(`unknown ${what} "${word}"${didYouMean(word, names) || '; see holdfast --help'}`)
}

interface Arguments {
  readonly flags: FlagValues<Command['flags']>
  readonly operands: readonly string[]
}

function readArguments(command: Command, args: readonly string[]): Arguments {
  for (const arg of args) refuseUnknown(command, arg)
  try {
    const options = Object.fromEntries(
      Object.entries(command.flags).map(([name, { type }]) => [name, { type }]),
    )
    const allowPositionals = command.operands !== undefined
    const read = parseArgs({ args: [...args], options, strict: true, allowPositionals })
    return { flags: read.values as FlagValues<Command['flags']>, operands: read.positionals }
  } catch (error) {
    throw usage(`${command.name}: ${messageOf(error)}; see holdfast ${command.name} --help`)
  }
}

function refuseUnknown(command: Command, arg: string): void {
  const name = /^--?([^=]+)/.exec(arg)?.[1]
  if (name === undefined || Object.hasOwn(command.flags, name)) return
  const hint = didYouMean(name, Object.keys(command.flags)) || `; see holdfast ${command.name} --help`
  throw usage(`${command.name}: unknown option "${arg}"${hint}`)
}

function usage(message: string): ProblemError {
  return new ProblemError('usage', message)
}

function tell(error: unknown, terminal: Terminal): number {
  if (error instanceof ProblemError) {
    for (const line of error.message.split('\n')) terminal.err(`holdfast: ${line}`)
    return EXIT.misuse
  }
  terminal.err(`holdfast: stopped by an unexpected error: ${messageOf(error)}`)
  return EXIT.crash
}
