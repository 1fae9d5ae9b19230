import {
  type Config,
  createLog,
  type Environment,
  loadConfig,
  ProblemError,
  runProcess,
  secretsOfPlace,
} from '@holdfast/runtime'
import { createConsole } from './console.ts'

/** Where the configuration comes from. */
export interface RunConsoleOptions {
  /** The configuration file; else `HOLDFAST_CONFIG`, else `./holdfast.yaml`, else the environment alone. */
  readonly config?: string | undefined
  /** Where to listen, before all that the configuration says; as it was typed. */
  readonly port?: string | undefined
  readonly env?: Environment
  readonly cwd?: string
  /** In front of the lines it prints on standard error. Default `holdfast-console`. */
  readonly name?: string
}

const STOP_WITHIN_MS = 5_000

/**
 * Runs a console in this process until SIGTERM or SIGINT and resolves with the exit code: 0 stopped as asked, 1 crashed or
 * did not stop in time, 2 bad configuration, port in use, or Redis unreachable. A second signal exits at once with 1.
 */
export async function runConsole(options: RunConsoleOptions = {}): Promise<number> {
  let log: ReturnType<typeof createLog> | undefined
  return runProcess({
    name: options.name ?? 'holdfast-console',
    stopWithinMs: () => STOP_WITHIN_MS,
    onCrash: (error) => log?.error({ err: error }, 'the console crashed'),
    build() {
      const config = readConfig(options)
      log = createLog({ name: 'console', level: config.log.level, secrets: secretsOfPlace(config.redis) })
      return createConsole({ config, log })
    },
  })
}

/** The console opens no connection to a platform, so the tokens of the file need not be in its environment. */
function readConfig({ config: file, port, ...where }: RunConsoleOptions): Config {
  const config = loadConfig({ ...where, file, ignore: ['connections'] })
  return port === undefined ? config : { ...config, console: { ...config.console, port: readPort(port) } }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new ProblemError('usage', `--port is "${text}"; give a whole number from 0 to 65535`)
}
