import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Transport } from './recorded-frames.ts'

/** What REST answers, by the last part of the path; `URL` stands for the server's own websocket address. */
const ANSWERS: Readonly<Record<string, string>> = {
  bot: '{"url":"URL","shards":1,"session_start_limit":{"total":1000,"remaining":1000,"reset_after":1,"max_concurrency":1}}',
  'auth.test': '{"ok":true,"team_id":"T1","user_id":"UBOT","bot_id":"B1"}',
  'bots.info': '{"ok":true,"bot":{"id":"B1","app_id":"A1"}}',
  'rtm.connect': '{"ok":true,"url":"URL"}',
  'apps.connections.open': '{"ok":true,"url":"URL"}',
}

const GREETINGS: Readonly<Record<Transport, readonly string[]>> = {
  discord: [
    '{"op":10,"d":{"heartbeat_interval":60000}}',
    '{"t":"READY","s":1,"op":0,"d":{"session_id":"s","resume_gateway_url":"URL","user":{"id":"1"},"application":{"id":"2"},"guilds":[]}}',
  ],
  rtm: ['{"type":"hello"}'],
  'socket-mode': ['{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}}'],
}

/** A platform on a port, with a real websocket per connection: for what only the wire can bring. */
export class WirePlatform {
  readonly #transport: Transport
  readonly #http: Server
  readonly #ws: WebSocketServer

  private constructor(transport: Transport) {
    this.#transport = transport
    this.#http = createServer(({ url = '' }, response) => {
      const answer = ANSWERS[url.split('/').at(-1) ?? ''] ?? '{}'
      response.setHeader('content-type', 'application/json').end(answer.replaceAll('URL', this.url))
    })
    this.#ws = new WebSocketServer({ server: this.#http })
  }

  static async open(transport: Transport): Promise<WirePlatform> {
    const platform = new WirePlatform(transport)
    platform.#http.listen(0, '127.0.0.1')
    await once(platform.#http, 'listening')
    return platform
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  /** The next socket, once it is greeted: a bot of Discord's has asked for its session by then. */
  async nextSocket(): Promise<WebSocket> {
    const [socket] = (await once(this.#ws, 'connection')) as [WebSocket]
    const [first = '', ...others] = GREETINGS[this.#transport].map((text) => text.replaceAll('URL', this.url))
    socket.on('message', (data) => this.#answer(socket, JSON.parse(String(data))))
    socket.send(first)
    if (others.length > 0) await once(socket, 'message')
    for (const text of others) socket.send(text)
    return socket
  }

  get socketCount(): number {
    return this.#ws.clients.size
  }

  async close(): Promise<void> {
    this.#ws.close()
    this.#http.close()
    this.#http.closeAllConnections()
    await once(this.#http, 'close')
  }

  /** Heartbeats and pings; acknowledgements and the rest need no answer. */
  #answer(socket: WebSocket, { op, type, id }: Readonly<Record<string, unknown>>): void {
    if (op === 1) socket.send('{"op":11}')
    if (type === 'ping') socket.send(`{"type":"pong","reply_to":${id}}`)
  }

  get #port(): number {
    return (this.#http.address() as AddressInfo).port
  }
}
