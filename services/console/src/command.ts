import { parseArgs } from 'node:util'
import { didYouMean, EXIT, messageOf } from '@holdfast/runtime'
import { type RunConsoleOptions, runConsole } from './run.ts'
import { readVersion } from './version.ts'

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  port: { type: 'string', short: 'p' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

const HELP = `holdfast-console: shows what waits, who works and who holds the sockets

Usage: holdfast-console [--config FILE] [--port N]

  -c, --config FILE   configuration (default: HOLDFAST_CONFIG, else ./holdfast.yaml, else REDIS_URL alone);
                      of it only redis, console and log are needed
  -p, --port N        where to listen (default: console.port, else HOLDFAST_CONSOLE_PORT, else 8090)
  -h, --help          this text
      --version       the version

Signals: SIGTERM or SIGINT stops it; a second one at once.
Exit codes: 0 stopped as asked, 1 crashed, 2 bad configuration or surroundings.
`

/** Where the command prints. */
export interface Output {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** The `holdfast-console` command. Resolves with the exit code. */
export async function consoleCommand(
  args: readonly string[],
  output: Output,
  run: (options: RunConsoleOptions) => Promise<number> = runConsole,
): Promise<number> {
  const parsed = parse(args)
  if ('problem' in parsed) {
    output.stderr.write(`holdfast-console: ${parsed.problem}\n`)
    return EXIT.misuse
  }
  if (parsed.help || parsed.version) {
    output.stdout.write(parsed.help ? HELP : `${readVersion()}\n`)
    return EXIT.clean
  }
  return run({ config: parsed.config, port: parsed.port })
}

type Parsed =
  | { config?: string; port?: string; help?: boolean; version?: boolean }
  | { readonly problem: string }

function parse(args: readonly string[]): Parsed {
  const known = Object.keys(OPTIONS).map((name) => `--${name}`)
  const unknown = args
    .map((arg) => arg.split('=', 1)[0])
    .find((arg) => arg?.startsWith('--') && !known.includes(arg))
  if (unknown)
    return { problem: `unknown option "${unknown}"${didYouMean(unknown, known) || '; see --help'}` }
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values
  } catch (error) {
    return { problem: `${messageOf(error)}; see --help` }
  }
}
