import { connect, createServer, type Socket } from 'node:net'

/** A way to Redis that can be shut, as when Redis goes away, and opened again. */
export class RedisDoor {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server = createServer()
  #port = 0

  constructor(url: string) {
    this.#target = new URL(url)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}${this.#target.pathname}`
  }

  /** On the same port each time. */
  open(): Promise<void> {
    this.#server = createServer((near) => this.#join(near))
    return new Promise((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', () => {
        const address = this.#server.address()
        if (typeof address === 'object' && address) this.#port = address.port
        resolve()
      })
    })
  }

  /** Cuts what is open and refuses what is new. */
  shut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    return closed
  }

  /** From now on nothing comes back, and no connection shows it. */
  hang(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target.port || 6379), this.#target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }
}
