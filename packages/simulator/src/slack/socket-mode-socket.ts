import type { WebSocket } from 'ws'
import type { Clock, Timer } from '../clock.ts'
import type { SlackLimits } from '../limits.ts'
import { type EndedBy, PlatformSocket } from '../socket.ts'
import type { SlackBot } from './directory.ts'
import type { SlackSocket } from './slack-socket.ts'

/** Why Slack wants a socket to go. Source: docs.slack.dev, Using Socket Mode, Disconnecting. */
export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets'

/** What a socket tells the platform around it. */
export interface SocketModeListener {
  frame(text: string): void
  /** Exactly once. */
  ended(code: number, by: EndedBy): void
}

/** What a socket is made with. */
export interface SocketModeSocketParts {
  readonly clock: Clock
  readonly limits: SlackLimits
  readonly listener: SocketModeListener
}

// As in the documentation's hello: the build of the host at the other end, and since when it runs.
const BUILD_NUMBER = 10
const STARTED = '2026-01-01 00:00:00.000'

/**
 * One Socket Mode connection of an app: pings it at the websocket level and drops it when it never answers, warns it
 * before its life is over, asks it to go and at last closes. Source: docs.slack.dev, Using Socket Mode.
 */
export class SocketModeSocket implements SlackSocket {
  readonly transport = 'socket-mode'
  readonly bot: SlackBot
  readonly #ws: WebSocket
  readonly #socket: PlatformSocket
  readonly #parts: SocketModeSocketParts
  #pulse: Timer | undefined
  #life: Timer | undefined
  #unansweredCount = 0
  #ended = false

  constructor(bot: SlackBot, ws: WebSocket, number: number, parts: SocketModeSocketParts) {
    this.bot = bot
    this.#ws = ws
    this.#parts = parts
    this.#socket = new PlatformSocket(ws, number)
    this.#socket.onFrame((text) => parts.listener.frame(text))
    this.#socket.onClosed((code, by) => this.#end(code, by))
    ws.on('pong', () => {
      this.#unansweredCount = 0
    })
  }

  get number(): number {
    return this.#socket.number
  }

  get platformSocket(): PlatformSocket {
    return this.#socket
  }

  get open(): boolean {
    return this.#socket.open
  }

  get frozen(): boolean {
    return this.#socket.frozen
  }

  /** Begins its life: hello, pings, and the refresh at the end of `lifeMs`. */
  hello(socketCount: number, lifeMs: number): void {
    const hello = {
      type: 'hello',
      num_connections: socketCount,
      debug_info: {
        host: this.#host,
        started: STARTED,
        build_number: BUILD_NUMBER,
        approximate_connection_time: Math.round(lifeMs / 1_000),
      },
      connection_info: { app_id: this.bot.appId },
    }
    this.#socket.send(JSON.stringify(hello))
    this.#ping()
    this.#liveFor(lifeMs)
  }

  /** Asks the app to replace this socket, and closes it after `closeMs`. Until then it serves like any other. */
  refresh(closeMs: number): void {
    this.leave('refresh_requested', closeMs)
  }

  /** Says why it has to go, and closes it after `closeMs`. */
  leave(reason: DisconnectReason, closeMs: number): void {
    this.#disconnect(reason)
    if (closeMs === 0) this.close(1000)
    else this.#later(closeMs, () => this.close(1000))
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  close(code: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  drop(): void {
    this.#socket.drop()
  }

  freeze(): void {
    this.#socket.freeze()
  }

  get #host(): string {
    return `applink-${this.number}`
  }

  #disconnect(reason: DisconnectReason): void {
    this.#socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: this.#host } }))
  }

  #liveFor(lifeMs: number): void {
    const { socketModeWarningMs: warningMs, socketModeCloseMs: closeMs } = this.#parts.limits
    if (warningMs === 0 || warningMs >= lifeMs) return this.#later(lifeMs, () => this.refresh(closeMs))
    this.#later(lifeMs - warningMs, () => {
      this.#disconnect('warning')
      this.#later(warningMs, () => this.refresh(closeMs))
    })
  }

  /** One timer for what comes next in its life: a refresh on demand takes the place of the one to come. */
  #later(ms: number, act: () => void): void {
    this.#life?.clear()
    this.#life = this.#ended ? undefined : this.#parts.clock.setTimer(ms, act)
  }

  #ping(): void {
    const { clock, limits } = this.#parts
    if (this.#unansweredCount >= limits.socketModePingCount) return this.#giveUp()
    this.#unansweredCount += 1
    if (this.open) this.#ws.ping(`Ping from ${this.#host}`)
    this.#pulse = clock.setTimer(limits.socketModePingMs, () => this.#ping())
  }

  /** A half-open socket is forgotten without a word: the end of it would not reach the app either. */
  #giveUp(): void {
    if (this.frozen) this.#end(1006, 'platform')
    else this.drop()
  }

  #end(code: number, by: EndedBy): void {
    if (this.#ended) return
    this.#ended = true
    this.#pulse?.clear()
    this.#life?.clear()
    this.#parts.listener.ended(code, by)
  }
}
