import { parseArgs } from 'node:util'
import { didYouMean, EXIT, messageOf } from '@holdfast/runtime'
import { type RunGatewayOptions, runGateway } from './run.ts'
import { readVersion } from './version.ts'

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

const HELP = `holdfast-gateway: owns a bot's chat connections and puts every event on the queue

Usage: holdfast-gateway [--config FILE]

  -c, --config FILE   configuration (default: HOLDFAST_CONFIG, else ./holdfast.yaml,
                      else REDIS_URL, DISCORD_TOKEN, SLACK_BOT_TOKEN, SLACK_APP_TOKEN alone)
  -h, --help          this text
      --version       the version

Signals: SIGTERM or SIGINT stops it within its grace; a second one at once.
Exit codes: 0 stopped as asked, 1 crashed, 2 bad configuration or surroundings.
`

/** Where the command prints. */
export interface Output {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** The `holdfast-gateway` command. Resolves with the exit code. */
export async function gatewayCommand(
  args: readonly string[],
  output: Output,
  run: (options: RunGatewayOptions) => Promise<number> = runGateway,
): Promise<number> {
  const parsed = parse(args)
  if ('problem' in parsed) {
    output.stderr.write(`holdfast-gateway: ${parsed.problem}\n`)
    return EXIT.misuse
  }
  if (parsed.help || parsed.version) {
    output.stdout.write(parsed.help ? HELP : `${readVersion()}\n`)
    return EXIT.clean
  }
  return run({ config: parsed.config })
}

type Parsed = { config?: string; help?: boolean; version?: boolean } | { problem: string }

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
