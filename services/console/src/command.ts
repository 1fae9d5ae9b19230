import { EXIT, readFlags } from '@holdfast/runtime'
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
  const flags = readFlags(args, OPTIONS)
  if ('problem' in flags) {
    output.stderr.write(`holdfast-console: ${flags.problem}\n`)
    return EXIT.misuse
  }
  const { help, version, config, port } = flags.values
  if (help || version) {
    output.stdout.write(help ? HELP : `${readVersion()}\n`)
    return EXIT.clean
  }
  return run({ config, port })
}
