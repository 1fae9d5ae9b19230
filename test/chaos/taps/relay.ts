import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** One connection through a relay: the process' end and the server's. */
export interface Ends {
  readonly near: Socket
  readonly far: Socket
}

/** Stands before a server of this machine; what becomes of the bytes of a connection is up to `join`. */
export class Relay {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #join: (ends: Ends) => void
  readonly #server: Server = createServer((near) => this.#accept(near))
  readonly #open = new Set<Ends>()
  #isCut = false

  /** @param address of the server: `redis://127.0.0.1:6379` */
  constructor(address: string, join: (ends: Ends) => void) {
    const { hostname, port } = new URL(address)
    this.#target = { host: hostname, port: Number(port) }
    this.#join = join
  }

  /** Resolves to where the server is reached through the relay: `127.0.0.1:40001`. */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Every connection ends, and none comes about. */
  cut(): void {
    this.#isCut = true
    for (const ends of this.#open) cutBoth(ends)
  }

  mend(): void {
    this.#isCut = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #accept(near: Socket): void {
    if (this.#isCut) return void near.destroy()
    const far = connect(this.#target)
    const ends = { near, far }
    this.#open.add(ends)
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      end.setNoDelay(true)
      // Told through 'close'.
      end.on('error', () => {})
      end.once('close', () => {
        this.#open.delete(ends)
        // What one side had written before it went still arrives.
        other.destroySoon()
      })
    }
    this.#join(ends)
  }
}

/** Ends a connection on both sides. */
export function cutBoth({ near, far }: Ends): void {
  near.destroy()
  far.destroy()
}
