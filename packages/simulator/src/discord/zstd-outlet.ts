import type { Transform } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Outlet } from '../socket.ts'

/** A compressing stream that can be flushed, as Node's `zlib.createZstdCompress` makes it. */
export type MakeZstd = () => Transform & { flush(kind: number, done: () => void): void }

// ZSTD_e_flush: what was written can be read in full, and the frame of zstd goes on.
const FLUSH = 1

/**
 * Transport compression `zstd-stream`: one context for the life of the socket, flushed after each payload. Each websocket
 * message is one payload, but no whole frame of zstd. Source: docs.discord.com, Gateway, Zstd-stream.
 */
export function zstdOutlet(ws: WebSocket, makeZstd: MakeZstd): Outlet {
  const zstd = makeZstd()
  let parts: Buffer[] = []
  zstd.on('data', (part: Buffer) => parts.push(part))
  ws.on('close', () => zstd.destroy())
  const send = () => {
    const message = Buffer.concat(parts)
    parts = []
    if (message.length > 0 && ws.readyState === ws.OPEN) ws.send(message)
  }
  return {
    write(text) {
      zstd.write(text)
      zstd.flush(FLUSH, send)
    },
    finish(done) {
      zstd.flush(FLUSH, () => {
        send()
        done()
      })
    },
  }
}
