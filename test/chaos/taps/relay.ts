import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Way } from './way.ts'

/** One connection through a relay: the process' end, the server's, and the way between them. */
export interface Ends {
  readonly near: Socket
  readonly far: Socket
  readonly way: Way
}

/** Stands before a server of this machine; what becomes of the bytes of a connection is up to `join`. */
export class Relay {
  readonly #target: { readonly host: string; readonly port: number }
  readonly #join: (ends: Ends) => void
  readonly #server: Server = createServer((near) => this.#accept(near))
  readonly #open = new Set<Ends>()
  #isCut = false
  #isFrozen = false
  #slowMs = 0

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

  /** Every connection ends, and none comes about until `mend`. */
  cut(): void {
    this.#isCut = true
    for (const ends of this.#open) cutBoth(ends)
    this.thaw()
  }

  mend(): void {
    this.#isCut = false
  }

  /** Connections stand, and nothing passes any more in either direction; also those that come, until `thaw` or `cut`. */
  freeze(): void {
    this.#isFrozen = true
    this.freezeOpen()
  }

  /** The same for the connections that there are, and not for those that come. */
  freezeOpen(): void {
    for (const { way } of this.#open) way.freeze()
  }

  /** What has gathered passes now, in order. */
  thaw(): void {
    this.#isFrozen = false
    for (const { way } of this.#open) way.thaw()
  }

  /** Everything arrives so much later from now on, in either direction. */
  slow(ms: number): void {
    this.#slowMs = ms
    for (const { way } of this.#open) way.slow(ms)
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #accept(near: Socket): void {
    if (this.#isCut) return void near.destroy()
    const far = connect(this.#target)
    const ends = { near, far, way: this.#newWay() }
    this.#open.add(ends)
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      end.setNoDelay(true)
      // Told through 'close'.
      end.on('error', () => {})
      end.once('close', () => {
        // What one side had written before it went still arrives, and so does the news that it has gone.
        void Promise.resolve(ends.way.arrival()).then(() => {
          this.#open.delete(ends)
          other.destroySoon()
        })
      })
    }
    this.#join(ends)
  }

  #newWay(): Way {
    const way = new Way()
    way.slow(this.#slowMs)
    if (this.#isFrozen) way.freeze()
    return way
  }
}

/** Ends a connection on both sides. */
export function cutBoth({ near, far }: Ends): void {
  near.destroy()
  far.destroy()
}
