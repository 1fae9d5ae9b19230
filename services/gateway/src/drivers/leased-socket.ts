import type { OpenSocket, Socket, SocketHandlers } from './socket.ts'

/** Whether a socket may be opened; `unasked` where it may without a question. Never rejects. */
export type MayOpen = () => Promise<boolean> | 'unasked'

const CLOSED_FIRST = 'closed before it was opened'
const NOT_OURS = 'the unit is held by another gateway: no socket is opened'

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

  constructor(answer: Promise<boolean>, open: () => Socket, handlers: SocketHandlers) {
    this.#open = open
    this.#handlers = handlers
    this.closed = answer.then((allowed) => this.#onAnswer(allowed))
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

  async #onAnswer(allowed: boolean): Promise<void> {
    if (this.#ended || !allowed) {
      this.#handlers.onClose(undefined, this.#ended ? CLOSED_FIRST : NOT_OURS)
      return
    }
    this.#opened = this.#open()
    await this.#opened.closed
  }
}
