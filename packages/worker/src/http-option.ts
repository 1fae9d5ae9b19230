import type { Environment } from '@holdfast/runtime'

/** Where a worker answers health checks and shows its metrics. */
export interface HttpOption {
  /** Default `HOLDFAST_WORKER_HTTP_PORT`. 0 takes any free port, which the log then tells. */
  readonly port?: number
  /** Default `HOLDFAST_WORKER_HTTP_HOST`, else 127.0.0.1: a container needs 0.0.0.0. */
  readonly host?: string
}

export const HTTP_KEYS = ['port', 'host'] as const satisfies readonly (keyof HttpOption)[]

/** The option as it is used. */
export type HttpSettings = Required<HttpOption>

/** Undefined where nothing names a port: then a worker listens nowhere. */
export function httpSettings(
  option: HttpOption | undefined,
  environment: Environment,
): HttpSettings | undefined {
  const named = environment.HOLDFAST_WORKER_HTTP_PORT
  const port = option?.port ?? (named ? Number(named) : undefined)
  if (port === undefined && option === undefined) return undefined
  // Without a port there is a problem to tell, and `httpProblems` does.
  return {
    port: port ?? Number.NaN,
    host: option?.host ?? (environment.HOLDFAST_WORKER_HTTP_HOST || '127.0.0.1'),
  }
}

/** One line for each thing that is wrong with the option. */
export function httpProblems(settings: HttpSettings | undefined): readonly string[] {
  if (!settings) return []
  const { port } = settings
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return []
  return [`HOLDFAST_WORKER_HTTP_PORT (or option http.port) is ${port}: use a whole number from 0 to 65535`]
}
