import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The way to Redis of one worker: it can be cut, fall silent, or take its time. */
export class Cable {
  readonly #target: { host: string; port: number }
  readonly #server = createServer((socket) => this.#accept(socket))
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #silent = new Set<Socket>()
  readonly #delayMs: number
  #isCut = false
  /** How many connections were ever carried. */
  carriedCount = 0
  /** How many were refused. */
  refusedCount = 0

  constructor(url: string, delayMs = 0) {
    const { hostname, port } = new URL(url)
    this.#target = { host: hostname, port: Number(port || 6379) }
    this.#delayMs = delayMs
  }

  async start(): Promise<{ url: string }> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return { url: `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}` }
  }

  get openCount(): number {
    return this.#pairs.size
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Every connection breaks, for both sides, and none is taken until `mend()`. */
  cut(): void {
    this.#isCut = true
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /** New connections are refused; those that are there stay. */
  block(): void {
    this.#isCut = true
  }

  mend(): void {
    this.#isCut = false
  }

  /** The connections that are there stay open, for both sides, and carry nothing any more. New ones do. */
  hush(): void {
    for (const pair of this.#pairs) for (const socket of pair) this.#silent.add(socket)
  }

  #accept(client: Socket): void {
    if (this.#isCut) {
      this.refusedCount += 1
      return void client.destroy()
    }
    this.carriedCount += 1
    const redis = connect(this.#target)
    const pair = [client, redis] as const
    this.#pairs.add(pair)
    for (const [from, to] of [pair, [redis, client] as const]) {
      from.setNoDelay(true)
      from.on('error', () => {})
      from.on('data', (chunk) => this.#carry(from, to, chunk))
      // The other side of a silent one hears of no end either.
      from.on('close', () => {
        if (!this.#silent.has(from)) to.destroy()
        if (client.destroyed && redis.destroyed) this.#pairs.delete(pair)
      })
    }
  }

  #carry(from: Socket, to: Socket, chunk: Buffer): void {
    const pass = () => {
      if (!this.#silent.has(from)) to.write(chunk)
    }
    if (this.#delayMs === 0) pass()
    else setTimeout(pass, this.#delayMs / 2)
  }
}
