import type { Clock } from '@holdfast/runtime'
import WebSocket from 'ws'

/** What a socket tells. */
export interface SocketHandlers {
  onOpen(): void
  onText(text: string): void
  /** A binary frame. Without it such a frame is taken for text. */
  onBinary?(data: Uint8Array): void
  /** A websocket ping or pong came: a sign of life below the frames. */
  onAlive?(): void
  /** Exactly once, also when it never opened. `code` is absent where the other side gave none. */
  onClose(code: number | undefined, reason: string): void
}

/** One websocket, from its connecting on. */
export interface Socket {
  /** Does nothing while the socket is not open. */
  send(text: string): void
  /** Sends a websocket ping, which the other side answers by itself. Does nothing while the socket is not open. */
  ping(): void
  /** Closes with a close frame; if the other side does not answer within a second, drops the connection. */
  close(code: number): void
  /** Drops the connection. */
  terminate(): void
  /** Resolves when nothing of the socket remains. */
  readonly closed: Promise<void>
}

/** Begins to connect. What becomes of it is told through the handlers. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket

const CLOSE_TIMEOUT_MS = 1_000
/** Far above the largest frame of either platform (a GUILD_CREATE has a few megabytes); it bounds what one frame can take. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024
const NO_STATUS_RECEIVED = 1005

/** Opens real websockets. An address that is none is told through `onClose`, as any other failure to connect. */
export function webSockets(clock: Clock): OpenSocket {
  return (url, handlers) => {
    const socket = connect(url)
    return socket ? wrap(socket, clock, handlers) : unopened(handlers)
  }
}

function connect(url: string): WebSocket | undefined {
  try {
    return new WebSocket(url, { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES })
  } catch {
    return undefined // Not a websocket URL.
  }
}

function unopened(handlers: SocketHandlers): Socket {
  const closed = Promise.resolve().then(() =>
    handlers.onClose(undefined, 'the address is not a websocket URL'),
  )
  return { send() {}, ping() {}, close() {}, terminate() {}, closed }
}

function wrap(socket: WebSocket, clock: Clock, handlers: SocketHandlers): Socket {
  let problem = ''
  socket.on('open', () => handlers.onOpen())
  socket.on('message', (data, isBinary) => take(data, isBinary, handlers))
  // The library answers pings by itself.
  socket.on('ping', () => handlers.onAlive?.())
  socket.on('pong', () => handlers.onAlive?.())
  socket.on('error', (error) => {
    problem = error.message
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      handlers.onClose(code === NO_STATUS_RECEIVED ? undefined : code, reason.toString() || problem)
      resolve()
    })
  })
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping()
    },
    close(code) {
      socket.close(code)
      const timer = clock.setTimer(CLOSE_TIMEOUT_MS, () => socket.terminate())
      void closed.then(() => timer.clear())
    },
    terminate: () => socket.terminate(),
    closed,
  }
}

function take(data: WebSocket.RawData, isBinary: boolean, { onText, onBinary }: SocketHandlers): void {
  if (isBinary && onBinary) onBinary(bytesOf(data))
  else onText(String(data))
}

/** One piece, as the library gives it unless it is asked for another shape. */
function bytesOf(data: WebSocket.RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
