import { constants, createDeflate } from 'node:zlib'
import type { WebSocket } from 'ws'
import type { Outlet } from '../socket.ts'

/**
 * Transport compression `zlib-stream`: one deflate context for the life of the socket, flushed after each payload, so
 * that its last message ends with 00 00 ff ff. A payload may come in several messages, as the documentation warns.
 */
export function zlibOutlet(ws: WebSocket): Outlet {
  const deflate = createDeflate()
  deflate.on('data', (chunk: Buffer) => {
    if (ws.readyState === ws.OPEN) ws.send(chunk)
  })
  ws.on('close', () => deflate.destroy())
  return {
    write(text) {
      deflate.write(text)
      deflate.flush(constants.Z_SYNC_FLUSH)
    },
    finish(done) {
      deflate.flush(constants.Z_SYNC_FLUSH, done)
    },
  }
}
