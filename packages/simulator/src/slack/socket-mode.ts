import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { DeliveredTo } from '../facts.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { type EndedBy, PlatformSocket } from '../socket.ts'
import { parseFrame } from './client-frame.ts'
import type { SlackBot } from './directory.ts'
import { type Letter, SlackEnvelopes } from './envelopes.ts'
import { type AppEvent, eventCallback } from './event-callback.ts'
import { rateLimitedPayload, SlackEventLimit } from './event-limit.ts'
import type { SlackPresence } from './presence.ts'
import { type DisconnectReason, type SocketModeListener, SocketModeSocket } from './socket-mode-socket.ts'
import { SlackTickets } from './tickets.ts'

/** What the Socket Mode side is made of. */
export interface SocketModeParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly limits: SlackLimits
  readonly presence: SlackPresence
}

/**
 * The Socket Mode side of the fake Slack. An app has it on from its first `apps.connections.open`: from then on each of
 * its events is delivered to one of its sockets until it is acknowledged, also when none is open for a while.
 * Source: docs.slack.dev, Using Socket Mode.
 */
export class SlackSocketMode {
  readonly envelopes: SlackEnvelopes
  readonly #parts: SocketModeParts
  readonly #tickets: SlackTickets
  // Of each app that has Socket Mode on.
  readonly #sockets = new Map<SlackBot, Set<SocketModeSocket>>()
  // How each app last addressed this server.
  readonly #hosts = new Map<SlackBot, string>()
  // Of each app whose Socket Mode was turned off: until when; monotonic.
  readonly #disabledMs = new Map<SlackBot, number>()
  readonly #limit: SlackEventLimit
  #toRefuseCount = 0
  #lastEventNumber: number

  constructor(parts: SocketModeParts) {
    const { clock, record, limits } = parts
    this.#parts = parts
    this.#limit = new SlackEventLimit(clock, limits.events)
    this.#lastEventNumber = Math.floor(clock.wallAt()) * 1_000
    this.#tickets = new SlackTickets({ clock, record, lifeMs: limits.socketModeUrlLifeMs })
    this.envelopes = new SlackEnvelopes({ clock, record, limits, socketsOf: (bot) => this.socketsOf(bot) })
  }

  /** A ticket for the query of a connect URL. From the first one on the app has Socket Mode on. */
  issueTicket(bot: SlackBot, host: string): string {
    if (!this.isOn(bot)) this.#sockets.set(bot, new Set())
    this.#hosts.set(bot, host)
    return this.#tickets.issue(bot)
  }

  /** `host:port` as the app addresses this server, for URLs in payloads. */
  hostOf(bot: SlackBot): string {
    return this.#hosts.get(bot) ?? 'hooks.slack.invalid'
  }

  isOn(bot: SlackBot): boolean {
    return this.#sockets.has(bot)
  }

  /** Whether a handshake with this query is for a URL that waits for its use. */
  expects(query: URLSearchParams): boolean {
    return this.#tickets.has(query.get('ticket') ?? '')
  }

  /** Takes a fresh websocket in: hello, or `disconnect` in its place. */
  accept(ws: WebSocket, socketNumber: number, query: URLSearchParams): void {
    const ticket = this.#tickets.take(query.get('ticket') ?? '')
    const sockets = ticket && this.#sockets.get(ticket.bot)
    if (!sockets) return ws.close()
    const { bot } = ticket
    const { socketModeLifeMs, socketModeDebugLifeMs } = this.#parts.limits
    const refusal = this.#refusalOf(bot, sockets.size)
    if (refusal) return this.#refuse(bot, ws, socketNumber, refusal)
    const socket = this.#attach(bot, ws, socketNumber, sockets)
    const isDebugged = query.get('debug_reconnects') === 'true'
    socket.hello(sockets.size, isDebugged ? socketModeDebugLifeMs : socketModeLifeMs)
  }

  /** Delivers an event to the app, `copies` times; undefined where the app has Socket Mode off. */
  publish(bot: SlackBot, event: AppEvent, copies = 1): DeliveredTo | undefined {
    if (!this.isOn(bot)) return undefined
    const at = this.#parts.clock.wallAt()
    const limited = this.#limit.take(bot)
    if (limited === 'drop-and-tell') this.#sendEvent(bot, this.#nextEventId(), rateLimitedPayload(bot, at))
    if (limited !== 'pass') return { bot: bot.userId, sentCount: 0, bufferedCount: 0 }
    const eventId = this.#nextEventId()
    return this.#sendEvent(bot, eventId, eventCallback(bot, event, { eventId, at }), copies)
  }

  /** Delivers anything else to the app, once. */
  send(letter: Letter): DeliveredTo {
    return this.envelopes.send(letter)
  }

  /** The next sockets, of whichever app, are one too many. 0 takes it back. */
  refuseConnects(count: number): void {
    this.#toRefuseCount = count
  }

  /** Turns Socket Mode off for `forMs`: sockets are told so and closed, later ones are refused; events wait and come again. */
  disable(bot: SlackBot, forMs: number): void {
    if (!this.isOn(bot)) return
    this.#disabledMs.set(bot, this.#parts.clock.monotonicMs() + forMs)
    for (const socket of this.socketsOf(bot)) socket.leave('link_disabled', 0)
  }

  /** Takes back what was done to apps and has not ended by itself. */
  clear(): void {
    this.#disabledMs.clear()
    this.#toRefuseCount = 0
    this.envelopes.loseAcknowledgements(0)
  }

  socketsOf(bot: SlackBot): readonly SocketModeSocket[] {
    return [...(this.#sockets.get(bot) ?? [])]
  }

  /** Ends everything at once; nothing is left running. */
  stop(): void {
    this.#tickets.stop()
    for (const sockets of this.#sockets.values()) for (const socket of [...sockets]) socket.drop()
    this.envelopes.stop()
  }

  #sendEvent(bot: SlackBot, subject: string, payloadText: string, copies = 1): DeliveredTo {
    return this.envelopes.send(
      { bot, type: 'events_api', subject, payloadText, acceptsPayload: false },
      copies,
    )
  }

  #attach(bot: SlackBot, ws: WebSocket, number: number, sockets: Set<SocketModeSocket>): SocketModeSocket {
    const { clock, limits, record, presence } = this.#parts
    const about = { kind: 'socket', platform: 'slack', bot: bot.userId, socket: number } as const
    const listener: SocketModeListener = {
      frame: (text) => this.#read(bot, text),
      ended: (code: number, by: EndedBy) => {
        sockets.delete(socket)
        record.write({ ...about, what: 'closed', code, by })
        presence.went(bot)
      },
    }
    const socket = new SocketModeSocket(bot, ws, number, { clock, limits, listener })
    sockets.add(socket)
    record.write({ ...about, what: 'opened' })
    presence.came(bot)
    return socket
  }

  #refusalOf(bot: SlackBot, socketCount: number): DisconnectReason | undefined {
    const { clock, limits } = this.#parts
    const disabledMs = this.#disabledMs.get(bot) ?? Number.NEGATIVE_INFINITY
    if (clock.monotonicMs() < disabledMs) return 'link_disabled'
    if (socketCount >= limits.socketModeSocketCount) return 'too_many_websockets'
    if (this.#toRefuseCount === 0) return undefined
    this.#toRefuseCount -= 1
    return 'too_many_websockets'
  }

  #refuse(bot: SlackBot, ws: WebSocket, number: number, reason: DisconnectReason): void {
    const about = { platform: 'slack', bot: bot.userId, socket: number } as const
    this.#parts.record.write({ kind: 'socket', ...about, what: 'refused' })
    const socket = new PlatformSocket(ws, number)
    const more = { num_connections: this.socketsOf(bot).length, connection_info: { app_id: bot.appId } }
    socket.send(
      JSON.stringify({ type: 'disconnect', reason, debug_info: { host: `applink-${number}` }, ...more }),
    )
    socket.close(1000)
  }

  /** Apps say nothing but acknowledgements; all else is ignored. */
  #read(bot: SlackBot, text: string): void {
    const frame = parseFrame(text)
    if (typeof frame?.envelope_id === 'string') {
      this.envelopes.acknowledge(bot, frame.envelope_id, frame.payload)
    }
  }

  /** Globally unique: counted on from an instant, so that the next simulator does not begin anew. */
  #nextEventId(): string {
    this.#lastEventNumber += 1
    return `Ev${this.#lastEventNumber.toString(36).toUpperCase()}`
  }
}
