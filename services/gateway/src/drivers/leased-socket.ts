import type { OpenSocket, Socket, SocketHandlers } from './socket.ts'

/** Whether a socket may be opened. `contested`: not before Redis says whose the unit is, since another gateway seems to have it. */
export type Leave = boolean | 'contested'

/** Asks for the leave to open a socket; `unasked` where it may be opened without a question. Never rejects. */
export type MayOpen = () => Promise<Leave> | 'unasked'

const CLOSED_FIRST = 'closed before it was opened'
const NOT_OURS = 'the unit is held by another gateway: no socket is opened'
const CONTESTED =
  'Redis does not say whose the unit is, and the platform has given it to another twice: no socket is opened before it does'

/**
 * Opens sockets only where that is allowed at that moment: one that is not never begins to connect, and is told as closed. While
 * the question waits for its answer the socket can be closed like any other.
 */
export function leased(openSocket: OpenSocket, mayOpen: MayOpen): OpenSocket {
  return (url, handlers) => {
    const answer = mayOpen()
    return answer === 'unasked'
      ? openSocket(url, handlers)
      : new AskedSocket(answer, () => openSocket(url, handlers), handlers)
  }
}

/** A socket that waits for leave to be opened, then is one. */
class AskedSocket implements Socket {
  readonly closed: Promise<void>
  readonly #open: () => Socket
  readonly #handlers: SocketHandlers
  #opened: Socket | undefined
  #ended = false

  constructor(answer: Promise<Leave>, open: () => Socket, handlers: SocketHandlers) {
    this.#open = open
    this.#handlers = handlers
    this.closed = answer.then((leave) => this.#onAnswer(leave))
  }

  send(text: string): void {
    this.#opened?.send(text)
  }

  ping(): void {
    this.#opened?.ping()
  }

  close(code: number): void {
    this.#ended = true
    this.#opened?.close(code)
  }

  terminate(): void {
    this.#ended = true
    this.#opened?.terminate()
  }

  async #onAnswer(leave: Leave): Promise<void> {
    if (this.#ended || leave !== true) {
      const why = leave === 'contested' ? CONTESTED : NOT_OURS
      this.#handlers.onClose(undefined, this.#ended ? CLOSED_FIRST : why)
      return
    }
    this.#opened = this.#open()
    await this.#opened.closed
  }
}
