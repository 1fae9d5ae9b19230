import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { CONNECT_TARGETS, type ConnectTarget } from './armed-faults.ts'
import { serveControl } from './control.ts'
import { whyUnspoken } from './discord/transport.ts'
import { SimulatorError } from './errors.ts'
import type { FaultWorld } from './fault.ts'
import type { SlackLimits } from './limits.ts'
import { refuseForeignPages } from './own-origin.ts'
import { type PageParts, servePage } from './page/page-routes.ts'
import { acceptLate } from './slow-hello.ts'

const BATCH_BYTES = 32 * 1024 * 1024
// Discord judges by 4096 bytes and answers 4002; the library's own bound only guards memory.
const DISCORD_FRAME_BYTES = 1024 * 1024

// Acknowledgements may carry a whole view; Slack tells no bound.
const SOCKET_MODE_FRAME_BYTES = 4 * 1024 * 1024

/** What the server is made of. */
export interface ServerParts {
  readonly world: FaultWorld
  readonly limits: SlackLimits
  readonly page: PageParts
  /** Where it is to listen. */
  readonly host: string
}

/** A websocket handshake that may be taken in: to whom it goes. */
interface Door {
  readonly target: ConnectTarget
  readonly accept: (ws: WebSocket, socketNumber: number) => void
  readonly server: WebSocketServer
}

/** The one HTTP and websocket server of both fakes and of the control API. */
export class SimulatorServer {
  readonly #world: FaultWorld
  readonly #host: string
  readonly #app: FastifyInstance
  readonly #rtm: WebSocketServer
  readonly #socketMode: WebSocketServer
  readonly #discord: WebSocketServer
  // Also those that were closed and whose bot does not answer the close.
  readonly #upgraded = new Set<Duplex>()
  #socketCount = 0

  constructor({ world, limits, page, host }: ServerParts) {
    this.#world = world
    this.#host = host
    const options = { noServer: true, perMessageDeflate: false, clientTracking: false }
    this.#rtm = new WebSocketServer({ ...options, maxPayload: limits.rtmFrameBytes })
    this.#socketMode = new WebSocketServer({ ...options, maxPayload: SOCKET_MODE_FRAME_BYTES })
    this.#discord = new WebSocketServer({ ...options, maxPayload: DISCORD_FRAME_BYTES })
    this.#app = makeApp()
    refuseForeignPages(this.#app, host)
    world.slack.serve(this.#app)
    world.discord.serve(this.#app)
    serveControl(this.#app, world)
    servePage(this.#app, page)
    this.#app.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Listens, on a free port for 0. Answers `http://host:port`. Throws `SimulatorError` where another listens there. */
  async listen(port: number): Promise<string> {
    const host = this.#host
    await this.#app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      throw portInUse(host, port, error)
    })
    const address = this.#app.server.address() as AddressInfo
    return `http://${host}:${address.port}`
  }

  /** Resolves when no connection is left, whatever the other ends do. */
  async close(): Promise<void> {
    for (const socket of this.#upgraded) socket.destroy()
    await this.#app.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
    // A handshake may be cut off half way; the websocket has its own listener afterwards.
    socket.on('error', () => socket.destroy())
    const url = new URL(request.url ?? '/', 'http://simulator')
    const door = this.#door(url, request.headers.host ?? '')
    if (!door) return refuse(socket, '404 Not Found')
    const platform = CONNECT_TARGETS.slack.includes(door.target) ? 'slack' : 'discord'
    const unspoken = platform === 'discord' ? whyUnspoken(url.searchParams) : undefined
    if (unspoken !== undefined) return refuse(socket, '400 Bad Request', unspoken)
    const number = ++this.#socketCount
    if (this.#world.armed.refusesConnect(door.target)) {
      this.#world.record.write({ kind: 'socket', platform, socket: number, what: 'refused' })
      return refuse(socket, '503 Service Unavailable')
    }
    const waitMs = this.#world.armed.takeSlowHello(platform)
    door.server.handleUpgrade(request, socket, head, (ws) => {
      if (waitMs === 0) return door.accept(ws, number)
      acceptLate(this.#world, { platform, ws, number, waitMs }, () => door.accept(ws, number))
    })
  }

  #door({ pathname, searchParams: query }: URL, host: string): Door | undefined {
    const { slack, discord } = this.#world
    const ticket = /^\/slack\/rtm\/([^/]+)$/.exec(pathname)?.[1]
    if (ticket) {
      return { target: 'rtm', server: this.#rtm, accept: (ws, number) => slack.accept(ws, number, ticket) }
    }
    if (pathname === '/slack/link/' && slack.socketMode.expects(query)) {
      const accept = (ws: WebSocket, number: number) => slack.socketMode.accept(ws, number, query)
      return { target: 'socket-mode', server: this.#socketMode, accept }
    }
    const target = /^\/discord\/(gateway|resume)\/?$/.exec(pathname)?.[1]
    if (target !== 'gateway' && target !== 'resume') return undefined
    const connect = { query, resumeUrl: `ws://${host}/discord/resume` }
    return { target, server: this.#discord, accept: (ws, number) => discord.accept(ws, number, connect) }
  }
}

function makeApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BATCH_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  })
  app.register(formbody)
  // An empty JSON body is no error: clients send the header with bodyless requests.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(String(text)))
    } catch {
      done(new SimulatorError('bad-request', 'the body is no JSON: check its quotes and commas'))
    }
  })
  app.setErrorHandler((error, _, reply) => {
    if (!(error instanceof SimulatorError)) return reply.send(error)
    return reply.code(error.code === 'not-found' ? 404 : 400).send({ code: error.code, error: error.message })
  })
  return app
}

function portInUse(host: string, port: number, cause: unknown): SimulatorError {
  const message = `port ${port} on ${host} is already in use: stop what listens there, or take another (0 is any free one)`
  return new SimulatorError('port-in-use', message, { cause })
}

function refuse(socket: Duplex, status: string, why = ''): void {
  const body = why === '' ? '' : `${why}\n`
  const head = [`HTTP/1.1 ${status}`, 'connection: close', `content-length: ${Buffer.byteLength(body)}`]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
