import { constants, createInflate } from 'node:zlib'
import { WebSocket } from 'ws'

/** Any JSON object off the wire. */
export type Frame = Readonly<Record<string, unknown>>

/** A raw websocket client that keeps what came and lets a test wait for what it wants, in order. */
export class Wire {
  readonly texts: string[] = []
  readonly ws: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<number>
  readonly #wake = new Set<() => void>()
  #readCount = 0

  constructor(url: string, { inflate = false } = {}) {
    this.ws = new WebSocket(url)
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve)
      this.ws.once('error', reject)
    })
    this.opened.catch(() => {})
    this.closed = new Promise((resolve) => this.ws.once('close', resolve))
    this.ws.on('error', () => {})
    if (inflate) this.#inflate()
    else this.ws.on('message', (data) => this.#take(String(data)))
  }

  get frames(): Frame[] {
    return this.texts.map((text) => JSON.parse(text))
  }

  /** The next frame, among those not yet looked at, that fits. What is passed over stays in `frames`. */
  async next(fits: Frame | ((frame: Frame) => boolean) = {}): Promise<Frame> {
    const wanted = typeof fits === 'function' ? fits : (frame: Frame) => holds(frame, fits)
    for (;;) {
      while (this.#readCount < this.texts.length) {
        const frame = JSON.parse(this.texts[this.#readCount++] ?? '')
        if (wanted(frame)) return frame
      }
      await new Promise<void>((resolve) => this.#wake.add(resolve))
    }
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Resolves when the other end has read all that was sent so far. */
  async heard(): Promise<void> {
    const pong = new Promise((resolve) => this.ws.once('pong', resolve))
    this.ws.ping()
    await pong
  }

  #take(text: string): void {
    this.texts.push(text)
    for (const wake of this.#wake) wake()
    this.#wake.clear()
  }

  /** As the documentation describes: buffer until 00 00 ff ff, then inflate in the one context. */
  #inflate(): void {
    const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH })
    let text = ''
    inflate.on('data', (chunk) => {
      text += chunk
    })
    this.ws.on('message', (data: Buffer) => {
      inflate.write(data)
      if (!data.subarray(-4).equals(Buffer.from([0, 0, 255, 255]))) return
      inflate.flush(() => {
        this.#take(text)
        text = ''
      })
    })
  }
}

function holds(frame: Frame, fits: Frame): boolean {
  return Object.entries(fits).every(([key, value]) => frame[key] === value)
}

/** POSTs JSON and answers the body. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Frame> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Frame
}
