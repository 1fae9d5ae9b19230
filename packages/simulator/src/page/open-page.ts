import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, type Session } from 'better-sse'

// What a page that reads too slowly may leave unread.
const BACKLOG_BYTES = 8 * 1024 * 1024
const RECONNECT_MS = 1_000

/** One page that listens to the feed. */
export class OpenPage {
  readonly #session: Session
  readonly #response: ServerResponse

  private constructor(session: Session, response: ServerResponse) {
    this.#session = session
    this.#response = response
  }

  /** Sends the head of the answer. Resolves with nothing where the page has gone meanwhile. */
  static async open(request: IncomingMessage, response: ServerResponse): Promise<OpenPage | undefined> {
    // Texts come as they are to be sent: written once, for all pages. JSON has no line breaks.
    const asIs = { serializer: String, sanitizer: (text: string) => text }
    // Its keep-alive would outlive a page that goes before its answer began: the feed has its own.
    const options = { ...asIs, keepAlive: null, retry: RECONNECT_MS, trustClientEventId: false }
    const session = await createSession(request, response, options)
    return response.destroyed ? undefined : new OpenPage(session, response)
  }

  /** Calls back once, when the page or its connection is gone. */
  onGone(listener: () => void): void {
    this.#response.once('close', listener)
  }

  /**
   * Sends an event. A page that has left too much unread is cut off instead: its EventSource connects again and gets a
   * fresh hello, which is less than what it would have to catch up with.
   */
  send(name: string, json: string): void {
    if (!this.#session.isConnected || this.#response.destroyed) return
    if (this.#response.writableLength > BACKLOG_BYTES) this.#response.destroy()
    else this.#session.push(json, name, '')
  }

  /** So that proxies and the system notice a connection that is gone. */
  keepAlive(): void {
    if (!this.#response.destroyed) this.#response.write(':\n\n')
  }

  close(): void {
    this.#response.destroy()
  }
}
