import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server of this machine that can be cut, with all that is on it, and mended. */
export class Cable {
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  #isCut = false

  /** @param address of the server: `http://127.0.0.1:4000` */
  static async to(address: string): Promise<Cable> {
    const cable = new Cable(Number(new URL(address).port))
    cable.#server.listen(0, '127.0.0.1')
    await once(cable.#server, 'listening')
    return cable
  }

  private constructor(port: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) return near.destroy()
      const far = connect(port, '127.0.0.1')
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#ends.add(end)
        end.once('close', () => {
          this.#ends.delete(end)
          other.destroy()
        })
        // Told through 'close'.
        end.on('error', () => {})
      }
      near.pipe(far).pipe(near)
    })
  }

  /** Where the server is reached through the cable. */
  get address(): string {
    const place = this.#server.address()
    return `http://127.0.0.1:${typeof place === 'object' ? place?.port : place}`
  }

  /** Nothing on its way arrives any more, and no connection comes about. */
  cut(): void {
    this.#isCut = true
    for (const end of this.#ends) end.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }
}
