import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a proxy does to one connection: cut it once so many bytes have passed in one direction. */
export interface Cut {
  readonly direction: 'request' | 'reply'
  readonly afterBytes: number
}

/** A proxy in front of Redis that cuts its first connection at a chosen byte and lets later ones through. */
export class CuttingProxy {
  readonly #target: { host: string; port: number }
  readonly #server = createServer((socket) => this.#accept(socket))
  readonly #sockets = new Set<Socket>()
  #cut: Cut | undefined
  /** Bytes that passed, all connections together. */
  readonly passed = { request: 0, reply: 0 }
  cutCount = 0

  constructor(url: string, cut?: Cut) {
    const { hostname, port } = new URL(url)
    this.#target = { host: hostname, port: Number(port) }
    this.#cut = cut
  }

  async start(): Promise<{ url: string }> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return { url: `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}` }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    const upstream = connect(this.#target)
    const cut = this.#cut
    this.#cut = undefined
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
    this.#pass('request', client, upstream, cut)
    this.#pass('reply', upstream, client, cut)
  }

  #pass(direction: Cut['direction'], from: Socket, to: Socket, cut: Cut | undefined): void {
    let bytes = 0
    from.on('data', (chunk: Buffer) => {
      const left = cut?.direction === direction ? cut.afterBytes - bytes : Number.POSITIVE_INFINITY
      bytes += chunk.length
      this.passed[direction] += Math.min(chunk.length, left)
      if (chunk.length <= left) {
        to.write(chunk)
        return
      }
      this.cutCount++
      const [client, upstream] = direction === 'request' ? [from, to] : [to, from]
      // What came before the cut still arrives; then both sides see the connection close.
      from.removeAllListeners('data')
      if (left > 0) to.write(chunk.subarray(0, left))
      upstream.end()
      client.destroySoon()
    })
  }
}
