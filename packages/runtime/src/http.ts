import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import type { Registry } from 'prom-client'
import type { Readiness } from './health.ts'
import { codeOf, messageOf, ProblemError } from './problem.ts'
import type { Service } from './service.ts'

/** Where to listen, and what to tell. */
export interface HttpServerOptions {
  readonly host: string
  /** 0 takes any free port; see `address`. */
  readonly port: number
  /** Must answer from memory: probes come every second and must not wait for Redis. */
  readonly readiness: () => Readiness
  readonly metrics: Registry
  /** The block of the configuration that `host` and `port` come from, for what `start()` says. Default `http`. */
  readonly block?: 'http' | 'console'
}

/** An HTTP server with the health routes. */
export interface HttpServer extends Service {
  /** For further routes; to be added before `start()`. */
  readonly app: FastifyInstance
  /** `http://127.0.0.1:8080`, known once started. */
  readonly address: string
}

/**
 * The HTTP side of a service: `/livez` (200 as long as the process answers, whatever else is away), `/readyz` (200 or
 * 503, always with the checks as JSON), `/metrics` (Prometheus text).
 *
 * `start()` throws a `ProblemError` with code `port-in-use`, `port-refused` or `bad-host` when it can't listen.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const app = fastify({ logger: false, forceCloseConnections: true })
  addHealthRoutes(app, options)
  let starting: Promise<void> | undefined

  return {
    app,
    get address() {
      const bound = app.server.address() as AddressInfo | null
      if (!bound) return ''
      return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
    },
    start() {
      starting ??= listen(app, options)
      return starting
    },
    async stop() {
      await starting?.catch(() => {})
      await app.close()
    },
  }
}

function addHealthRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  app.get('/livez', () => ({ status: 'live' }))
  app.get('/readyz', (_request, reply) => {
    const readiness = options.readiness()
    return reply.code(readiness.status === 'unready' ? 503 : 200).send(readiness)
  })
  app.get('/metrics', async (_request, reply) => {
    const text = await options.metrics.metrics()
    return reply.type(options.metrics.contentType).send(text)
  })
}

async function listen(
  app: FastifyInstance,
  { host, port, block = 'http' }: HttpServerOptions,
): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenProblem(error, host, port, block)
  }
}

function listenProblem(error: unknown, host: string, port: number, block: string): unknown {
  const cause = { cause: error }
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ProblemError(
        'port-in-use',
        `${block}: port ${port} on ${host} is already in use: stop what listens there, or set ${block}.port`,
        cause,
      )
    case 'EACCES':
      return new ProblemError(
        'port-refused',
        `${block}: the system does not let this user listen on port ${port}: set ${block}.port to one above 1023`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ProblemError(
        'bad-host',
        `${block}: "${host}" is no address of this machine (${messageOf(error)}): set ${block}.host, as 127.0.0.1 or 0.0.0.0`,
        cause,
      )
    default:
      return error
  }
}
