import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A fixed address behind which one Redis takes another's place, as a fail-over does it. */
export class MovingRedis {
  readonly #server = createServer((socket) => this.#accept(socket))
  readonly #sockets = new Set<Socket>()
  #target: URL

  constructor(url: string) {
    this.#target = new URL(url)
  }

  async start(): Promise<{ url: string }> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return { url: `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}` }
  }

  /** From now on connections lead to another; those that stand are cut. */
  moveTo(url: string): void {
    this.#target = new URL(url)
    this.cut()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }
}
