// A TCP proxy in front of a Discord gateway that notes when each heartbeat passes. Everything goes through unchanged.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const HEAD_END = '\r\n\r\n'
const TEXT_FRAME = 1

/** Stands between a gateway and a platform, near the platform: what it sees has arrived. */
export class HeartbeatTap {
  /** When heartbeats came, in milliseconds of one monotonic clock: one list per websocket. @type {number[][]} */
  sockets = []
  #server
  /** @type {Set<import('node:net').Socket>} */
  #open = new Set()

  /** @param {number} targetPort */
  constructor(targetPort) {
    this.#server = createServer((client) => {
      const target = connect(targetPort, '127.0.0.1')
      for (const socket of [client, target]) {
        socket.setNoDelay(true)
        this.#open.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#open.delete(socket)
          client.destroy()
          target.destroy()
        })
      }
      const reader = new ClientReader(this.sockets)
      client.on('data', (chunk) => reader.read(chunk))
      client.pipe(target)
      target.pipe(client)
    })
  }

  /** Resolves with the port. */
  async listen() {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port
  }

  stop() {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
  }
}

/** What one client says: a request first, and if it asks for a websocket, frames. */
class ClientReader {
  /** @type {Buffer} */
  #rest = Buffer.alloc(0)
  #sockets
  /** @type {number[] | undefined} */
  #heartbeats
  #plain = false

  /** @param {number[][]} sockets */
  constructor(sockets) {
    this.#sockets = sockets
  }

  /** @param {Buffer} chunk */
  read(chunk) {
    if (this.#plain) return
    this.#rest = Buffer.concat([this.#rest, chunk])
    if (!this.#heartbeats && !this.#readHead()) return
    for (let frame = this.#nextFrame(); frame; frame = this.#nextFrame())
      if (frame.opcode === TEXT_FRAME && frame.text.startsWith('{"op":1,'))
        this.#heartbeats?.push(performance.now())
  }

  /** Whether frames follow. */
  #readHead() {
    const end = this.#rest.indexOf(HEAD_END)
    if (end === -1) return false
    this.#plain = !/^upgrade: *websocket/im.test(this.#rest.toString('latin1', 0, end))
    if (this.#plain) return false
    this.#rest = this.#rest.subarray(end + HEAD_END.length)
    this.#heartbeats = []
    this.#sockets.push(this.#heartbeats)
    return true
  }

  /** A frame of a client: always masked, and small. Source: RFC 6455, section 5.2. */
  #nextFrame() {
    const data = this.#rest
    if (data.length < 2) return undefined
    const short = data.readUInt8(1) & 0x7f
    const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2
    if (data.length < maskAt + 4) return undefined
    const length =
      short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short
    const end = maskAt + 4 + length
    if (data.length < end) return undefined
    const mask = data.subarray(maskAt, maskAt + 4)
    const text = Buffer.from(data.subarray(maskAt + 4, end))
    for (let at = 0; at < length; at++) text[at] = (text[at] ?? 0) ^ (mask[at % 4] ?? 0)
    this.#rest = data.subarray(end)
    return { opcode: data.readUInt8(0) & 0x0f, text: text.toString('utf8') }
  }
}
