import { createConnection, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector } from 'ioredis'
import type { Clock } from '../clock.ts'
import type { FindNode } from './find-node.ts'
import { cutWhenSilent } from './silence.ts'

export interface FoundConnectorOptions {
  readonly find: FindNode
  readonly tls: boolean
  readonly clock: Clock
}

/** How long what was written may take to leave before a closed connection is cut. */
const DISCONNECT_MS = 2_000

/**
 * An ioredis connector that asks `find` where to connect, each time anew. Where nobody knows, that counts as an attempt that
 * failed, so that waiting, giving up and closing are ioredis' own, as with an address.
 */
export function connectorTo({ find, tls, clock }: FoundConnectorOptions): new () => AbstractConnector {
  return class FoundConnector extends AbstractConnector {
    #over: (() => void) | undefined

    constructor() {
      super(DISCONNECT_MS)
    }

    async connect(): Promise<Socket> {
      this.connecting = true
      const over = new Promise<undefined>((resolve) => {
        this.#over = () => resolve(undefined)
      })
      const node = await Promise.race([find(), over]).catch((error: unknown) => asError(error))
      // The words by which ioredis knows a connection that was closed on purpose.
      if (!this.connecting || !node) throw new Error('Connection is closed.')
      const socket = node instanceof Error ? failed() : open(node, tls)
      this.stream = socket
      if (node instanceof Error) this.firstError = node
      else cutWhenSilent(socket, clock)
      socket.once('error', (error) => {
        this.firstError = error
      })
      return socket
    }

    /** A replica in the place of a master: who was asked does not know yet. It is looked for again. */
    override check(info: { readonly role?: string }): boolean {
      return info.role === undefined || info.role === 'master'
    }

    override disconnect(): void {
      this.#over?.()
      // It would wait for the end of a socket that has ended, and keep the process for it.
      if (!this.stream || this.stream.destroyed) this.connecting = false
      else super.disconnect()
    }
  }
}

function open({ host, port }: { host: string; port: number }, tls: boolean): Socket {
  return tls ? connectTls({ host, port, servername: host }) : createConnection({ host, port })
}

/** What an attempt leaves that went nowhere. */
function failed(): Socket {
  const socket = new Socket()
  socket.destroy()
  return socket
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
