import { WebSocket } from 'ws'
import type { Clock } from './clock.ts'
import type { Garbage } from './garbage.ts'
import { Lag } from './lag.ts'

// What a bot that reads too slowly may leave unread before it is cut off.
const BACKLOG_BYTES = 64 * 1024 * 1024

/** Who ended a socket. */
export type EndedBy = 'bot' | 'platform'

/** How texts become websocket messages: as they are, or through a compression context of the socket. */
export interface Outlet {
  write(text: string): void
  /** Calls `done` after everything written has been handed to the websocket. */
  finish(done: () => void): void
}

/**
 * The platform's end of one websocket. `onClosed` is called exactly once: at once when the platform ends it, however
 * long the bot takes to answer the close; with 1006 when the connection just ended.
 */
export class PlatformSocket {
  /** Counts from 1 over both platforms, so that a record can tell sockets apart. */
  readonly number: number
  readonly #ws: WebSocket
  readonly #outlet: Outlet
  #lag: Lag | undefined
  #frozen = false
  #ended = false
  #onClosed: (code: number, by: EndedBy) => void = () => {}

  constructor(ws: WebSocket, number: number, makeOutlet: (ws: WebSocket) => Outlet = plainOutlet) {
    this.number = number
    this.#ws = ws
    this.#outlet = makeOutlet(ws)
    ws.on('close', (code) => {
      this.#lag?.clear()
      this.#end(code, 'bot')
    })
    ws.on('error', (error: Error & { code?: string }) => this.#end(codeOf(error), 'platform'))
  }

  /** Whether something written now has a chance to arrive. */
  get open(): boolean {
    return !this.#ended && !this.#frozen && this.#ws.readyState === WebSocket.OPEN
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** Whether what is written now goes out late. */
  get delayed(): boolean {
    return !this.#ended && (this.#lag?.isSlow ?? false)
  }

  onFrame(read: (text: string, bytes: number) => void): void {
    this.#ws.on('message', (data: Buffer) => {
      if (this.open) read(data.toString('utf8'), data.length)
    })
  }

  onClosed(listener: (code: number, by: EndedBy) => void): void {
    this.#onClosed = listener
  }

  send(text: string): void {
    if (!this.open) return
    this.#write(() => this.#outlet.write(text), text.length)
    if (this.#ws.bufferedAmount + (this.#lag?.waitingBytes ?? 0) > BACKLOG_BYTES) this.drop()
  }

  /** Sends what no client can use. */
  spoil(garbage: Garbage): void {
    if ('text' in garbage) this.send(garbage.text)
    else if (this.open) this.#write(() => this.#ws.send(garbage.bytes), garbage.bytes.length)
  }

  /** Closes with a close frame, after what was sent before. Of a half-open socket the bot hears nothing, not even its end. */
  close(code: number, reason = ''): void {
    if (this.#ended) return
    this.#end(code, 'platform')
    if (this.#frozen) return
    this.#write(() => this.#outlet.finish(() => this.#ws.close(code, reason)), 0)
  }

  /** Cuts the connection without a close frame. */
  drop(): void {
    this.#end(1006, 'platform')
    this.#lag?.clear()
    this.#ws.terminate()
  }

  /** For `forMs`, what is written goes out `lateMs` later, in order; also a close frame. */
  delay(clock: Clock, lateMs: number, forMs: number): void {
    if (this.#ended) return
    this.#lag ??= new Lag(clock)
    this.#lag.slow(lateMs, forMs)
  }

  /** From now on nothing is read, answered or written, while the connection stands: half-open. */
  freeze(): void {
    this.#frozen = true
    this.#lag?.clear()
    this.#ws.pause()
  }

  #write(write: () => void, bytes: number): void {
    if (this.#lag) this.#lag.pass(write, bytes)
    else write()
  }

  #end(code: number, by: EndedBy): void {
    if (this.#ended) return
    this.#ended = true
    this.#onClosed(code, by)
  }
}

/** The library closes the socket itself on a frame that is beyond its bound or breaks the websocket protocol. */
function codeOf({ code }: { code?: string }): number {
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 1009 : 1002
}

function plainOutlet(ws: WebSocket): Outlet {
  return { write: (text) => ws.send(text), finish: (done) => done() }
}
