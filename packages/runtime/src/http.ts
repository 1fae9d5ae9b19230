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

async function listen(app: FastifyInstance, { host, port }: HttpServerOptions): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenProblem(error, host, port)
  }
}

function listenProblem(error: unknown, host: string, port: number): unknown {
  const cause = { cause: error }
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ProblemError(
        'port-in-use',
        `http: port ${port} on ${host} is already in use: stop what listens there, or set http.port`,
        cause,
      )
    case 'EACCES':
      return new ProblemError(
        'port-refused',
        `http: the system does not let this user listen on port ${port}: set http.port to one above 1023`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ProblemError(
        'bad-host',
        `http: "${host}" is no address of this machine (${messageOf(error)}): set http.host, as 127.0.0.1 or 0.0.0.0`,
        cause,
      )
    default:
      return error
  }
}
