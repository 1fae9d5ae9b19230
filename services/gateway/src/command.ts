import { EXIT, readFlags } from '@holdfast/runtime'
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
         SIGHUP loads FILE again, as does any change of it: connections and
         subscriptions follow, whatever has not changed goes on untouched.
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
  const flags = readFlags(args, OPTIONS)
  if ('problem' in flags) {
    output.stderr.write(`holdfast-gateway: ${flags.problem}\n`)
    return EXIT.misuse
  }
  const { help, version, config } = flags.values
  if (help || version) {
    output.stdout.write(help ? HELP : `${readVersion()}\n`)
    return EXIT.clean
  }
  return run({ config })
}
