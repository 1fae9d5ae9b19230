import {
  type Config,
  configFileOf,
  createLog,
  type Environment,
  loadConfig,
  runProcess,
  Secret,
  secretsOfPlace,
} from '@holdfast/runtime'
import { problemsOf } from './config-check.ts'
import { ConfigFile } from './config-file.ts'
import { createDrivers } from './driver-factory.ts'
import { createGateway, type Gateway } from './gateway.ts'

/** Where the configuration comes from. */
export interface RunGatewayOptions {
  /** The configuration file; else `HOLDFAST_CONFIG`, else `./holdfast.yaml`, else the environment alone. */
  readonly config?: string | undefined
  readonly env?: Environment
  readonly cwd?: string
  /** In front of the lines it prints on standard error. Default `holdfast-gateway`. */
  readonly name?: string
}

/** Closing connections takes a moment more than waiting for confirms. */
const CLOSING_MS = 5_000

/**
 * Runs a gateway in this process until SIGTERM or SIGINT and resolves with the exit code: 0 stopped as asked, 1 crashed or
 * did not stop in time, 2 bad configuration, port in use, or Redis unreachable. A second signal exits at once with 1.
 * SIGHUP, or a change of the configuration file, makes it take over what has changed there; SIGHUP also starts connections
 * again that were refused for good.
 */
export async function runGateway(options: RunGatewayOptions = {}): Promise<number> {
  let log: ReturnType<typeof createLog> | undefined
  let gateway: Gateway | undefined
  let stopWithinMs = 0
  // Grows with each configuration: an old token is as secret as a new one.
  const secrets: Secret[] = []
  function load(): Config {
    const config = loadConfig({ ...options, file: options.config, check: (read) => problemsOf(read) })
    secrets.push(...secretsOf(config))
    return config
  }

  return runProcess({
    name: options.name ?? 'holdfast-gateway',
    stopWithinMs: () => stopWithinMs,
    onHangup: () => void gateway?.reload('SIGHUP'),
    onCrash: (error) => log?.error({ err: error }, 'the gateway crashed'),
    async build() {
      const path = configFileOf({ ...options, file: options.config })
      const file = path === undefined ? undefined : new ConfigFile(path, load)
      const config = file ? file.load() : load()
      log = createLog({ name: 'gateway', level: config.log.level, secrets })
      stopWithinMs = config.gateway.stopGraceMs + CLOSING_MS
      gateway = await createGateway({ config, file, log, drivers: createDrivers })
      return gateway
    },
  })
}

function secretsOf(config: Config): Secret[] {
  const tokens = config.connections.flatMap((connection) => Object.values<unknown>(connection))
  const secrets = [config.http.adminToken, ...secretsOfPlace(config.redis), ...tokens]
  return secrets.filter((value) => value instanceof Secret)
}
