import type { OpenSocket } from '../../services/gateway/src/drivers/socket.ts'

type Socket = ReturnType<OpenSocket>
type Handlers = Parameters<OpenSocket>[1]

/** A socket of a driver whose other side is a fuzzed platform. It opens and ends when the platform says so. */
export class FuzzSocket implements Socket {
  readonly closed: Promise<void>
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  readonly #handlers: Handlers
  readonly #onSent: (socket: FuzzSocket, text: string) => void
  #resolve: () => void = () => {}

  constructor(handlers: Handlers, onSent: (socket: FuzzSocket, text: string) => void) {
    this.#handlers = handlers
    this.#onSent = onSent
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Part of `Socket`. */
  send(text: string): void {
    if (this.state === 'open') this.#onSent(this, text)
  }

  /** Part of `Socket`: the platform ends it a little later, as a close frame takes its time to be answered. */
  close(): void {
    if (this.state !== 'closed') this.state = 'closing'
  }

  /** Part of `Socket`. */
  /** Part of `Socket`: the other side answers by itself. */
  ping(): void {
    queueMicrotask(() => {
      if (this.state === 'open') this.#handlers.onAlive?.()
    })
  }

  terminate(): void {
    if (this.state !== 'closed') this.state = 'closing'
  }

  opens(): void {
    if (this.state !== 'connecting') return
    this.state = 'open'
    this.#handlers.onOpen()
  }

  /** Also while the driver closes: what was on its way still arrives. */
  says(text: string): void {
    if (this.state === 'open' || this.state === 'closing') this.#handlers.onText(text)
  }

  ends(code: number | undefined): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#handlers.onClose(code, '')
    this.#resolve()
  }
}
