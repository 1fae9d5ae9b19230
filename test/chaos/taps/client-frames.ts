/** A websocket message as a client wrote it. */
export interface ClientFrame {
  /** All of its bytes, as they are on the wire. */
  readonly bytes: Buffer
  /** What it says; nothing of pings, pongs, closes and binary frames. */
  readonly text?: string
}

const TEXT = 1
const MASK_BYTES = 4

/** Cuts what a client writes on a websocket into its frames (RFC 6455, 5.2). Each is one message: clients of ours don't fragment. */
export class ClientFrameReader {
  #rest: Buffer = Buffer.alloc(0)

  read(piece: Buffer): readonly ClientFrame[] {
    let rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const frames: ClientFrame[] = []
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      frames.push(frame)
      rest = rest.subarray(frame.bytes.length)
    }
    this.#rest = rest
    return frames
  }
}

function firstFrame(bytes: Buffer): ClientFrame | undefined {
  const size = sizeOf(bytes)
  if (!size) return undefined
  const end = size.head + MASK_BYTES + size.payload
  if (bytes.length < end) return undefined
  const whole = bytes.subarray(0, end)
  if (((bytes[0] ?? 0) & 0x0f) !== TEXT) return { bytes: whole }
  const mask = whole.subarray(size.head, size.head + MASK_BYTES)
  const payload = whole
    .subarray(size.head + MASK_BYTES)
    .map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0))
  return { bytes: whole, text: Buffer.from(payload).toString('utf8') }
}

/** How long the head before the mask is, and how long the payload; nothing where not even that has come. */
function sizeOf(bytes: Buffer): { readonly head: number; readonly payload: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  if (short < 126) return { head: 2, payload: short }
  const head = short === 126 ? 4 : 10
  if (bytes.length < head) return undefined
  return { head, payload: short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)) }
}
