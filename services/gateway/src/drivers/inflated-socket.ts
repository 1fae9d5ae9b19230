import { type Compression, Inflater } from './inflater.ts'
import { MAX_FRAME_BYTES, type OpenSocket, type SocketHandlers } from './socket.ts'

/** What a whole message of `zlib-stream` ends with. https://docs.discord.com/developers/events/gateway#zlibstream */
const ZLIB_SUFFIX = Buffer.from([0x00, 0x00, 0xff, 0xff])

/**
 * Opens sockets whose frames come compressed, each with a context of its own; asks for it in the query of every address, a
 * resume's too. Frames are told in the order in which they came, and the close after all that came before it. What can't be
 * inflated drops the socket: without its context nothing that follows could be read, and a resume repeats it.
 */
export function inflated(openSocket: OpenSocket, compression: Compression): OpenSocket {
  return (url, handlers) => {
    const inflow = new Inflow(compression, handlers, () => socket.terminate())
    const socket = openSocket(`${url}${url.includes('?') ? '&' : '?'}compress=${compression}`, {
      ...handlers,
      onText: (text) => inflow.text(text),
      onBinary: (bytes) => inflow.bytes(bytes),
      onClose: (code, reason) => inflow.close(code, reason),
    })
    return {
      send: (text) => socket.send(text),
      ping: () => socket.ping(),
      close: (code) => socket.close(code),
      terminate: () => socket.terminate(),
      closed: socket.closed.then(() => inflow.ended),
    }
  }
}

/** What comes in on one socket: one thing after the other, however long each takes to inflate. */
class Inflow {
  readonly #handlers: SocketHandlers
  readonly #drop: () => void
  readonly #inflater: Inflater
  readonly #isWhole: (parts: readonly Uint8Array[]) => boolean
  #parts: Uint8Array[] = []
  /** Bytes that wait for the rest of their message, or for their turn. */
  #waitingBytes = 0
  #problem = ''
  #turn: Promise<void> = Promise.resolve()

  constructor(compression: Compression, handlers: SocketHandlers, drop: () => void) {
    this.#handlers = handlers
    this.#drop = drop
    this.#inflater = new Inflater(compression)
    // With zstd each websocket message is one message of Discord's.
    this.#isWhole = compression === 'zlib-stream' ? endsMessage : () => true
  }

  /** Resolves when all that came has been told. */
  get ended(): Promise<void> {
    return this.#turn
  }

  text(text: string): void {
    this.#next(() => this.#handlers.onText(text))
  }

  bytes(bytes: Uint8Array): void {
    if (this.#problem) return
    this.#waitingBytes += bytes.byteLength
    if (this.#waitingBytes > MAX_FRAME_BYTES)
      return this.#fail('more than 64 MB wait for the end of their message')
    this.#parts.push(bytes)
    if (!this.#isWhole(this.#parts)) return
    const message = Buffer.concat(this.#parts)
    this.#parts = []
    this.#next(() => this.#inflate(message))
  }

  close(code: number | undefined, reason: string): void {
    this.#next(() => {
      this.#inflater.end()
      this.#handlers.onClose(code, this.#problem || reason)
    })
  }

  #next(step: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(step)
  }

  async #inflate(message: Buffer): Promise<void> {
    if (this.#problem) return
    const text = await this.#inflater.inflate(message).catch((error: Error) => this.#fail(error.message))
    this.#waitingBytes -= message.length
    // A flush can be marked twice, where the first mark filled the sender's buffer: nothing is said by that.
    if (text) this.#handlers.onText(text)
  }

  #fail(problem: string): void {
    this.#problem ||= `the compressed frames could not be read: ${problem}`
    this.#drop()
  }
}

/** A message's last four bytes may lie in more than one part. */
function endsMessage(parts: readonly Uint8Array[]): boolean {
  const end = Buffer.concat(parts.slice(-ZLIB_SUFFIX.length))
  return end.subarray(-ZLIB_SUFFIX.length).equals(ZLIB_SUFFIX)
}
