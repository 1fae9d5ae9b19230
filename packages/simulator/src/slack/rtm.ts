import type { WebSocket } from 'ws'
import { type Clock, randomHex, type Timer } from '../clock.ts'
import type { DeliveredTo } from '../facts.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { PlatformSocket } from '../socket.ts'
import type { SlackBot } from './directory.ts'
import { type RtmHost, RtmSocket } from './rtm-socket.ts'

/** A connect URL that waits for its one use, and the events that happened meanwhile. */
interface Ticket {
  readonly bot: SlackBot
  readonly buffered: string[]
  readonly timer: Timer
}

/** What the RTM side is made of. */
export interface RtmParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly limits: SlackLimits
  readonly host: RtmHost
}

/**
 * The RTM side of the fake Slack: single-use connect URLs and any number of sockets per bot. Every event goes to all
 * open sockets of a bot and is never repeated: what happens while none is open and no URL waits is lost to that bot.
 * A bot is shown online while it has a socket.
 */
export class SlackRtm {
  readonly #parts: RtmParts
  readonly #tickets = new Map<string, Ticket>()
  readonly #sockets = new Map<string, Set<RtmSocket>>()

  constructor(parts: RtmParts) {
    this.#parts = parts
  }

  /** A ticket for the path of a connect URL. */
  issueTicket(bot: SlackBot): string {
    const { clock, limits, record } = this.#parts
    const id = randomHex(clock, 24)
    const timer = clock.setTimer(limits.rtmUrlLifeMs, () => this.#expire(id))
    this.#tickets.set(id, { bot, buffered: [], timer })
    record.write({ kind: 'ticket', platform: 'slack', bot: bot.userId, what: 'issued', bufferedCount: 0 })
    return id
  }

  /** Takes a fresh websocket in: hello and what happened since the URL was given, or the error frame and the end. */
  accept(ws: WebSocket, socketNumber: number, ticketId: string): void {
    const socket = new PlatformSocket(ws, socketNumber)
    const ticket = this.#tickets.get(ticketId)
    if (!ticket) return this.#refuse(socket)
    this.#tickets.delete(ticketId)
    ticket.timer.clear()
    this.#attach(ticket, socket)
  }

  /** Writes one frame to every open socket of the bot but `except`, `copies` times, and keeps it for waiting URLs. */
  deliver(bot: SlackBot, text: string, copies: number, except?: RtmSocket): DeliveredTo {
    let sentCount = 0
    let bufferedCount = 0
    for (const socket of this.socketsOf(bot)) {
      if (socket === except || !socket.open) continue
      for (let copy = 0; copy < copies; copy++) socket.send(text)
      sentCount += copies
    }
    for (const ticket of this.#tickets.values()) {
      if (ticket.bot !== bot || ticket.buffered.length >= this.#parts.limits.rtmUrlBufferCount) continue
      ticket.buffered.push(text)
      bufferedCount += 1
    }
    return { bot: bot.userId, sentCount, bufferedCount }
  }

  socketsOf(bot: SlackBot): readonly RtmSocket[] {
    return [...(this.#sockets.get(bot.userId) ?? [])]
  }

  /** Ends everything at once; nothing is left running. */
  stop(): void {
    for (const ticket of this.#tickets.values()) ticket.timer.clear()
    this.#tickets.clear()
    for (const sockets of this.#sockets.values()) for (const socket of [...sockets]) socket.drop()
  }

  #attach(ticket: Ticket, platformSocket: PlatformSocket): void {
    const { bot, buffered } = ticket
    const socket = new RtmSocket(bot, platformSocket, this.#parts.host)
    const about = { platform: 'slack', bot: bot.userId } as const
    const sockets = this.#sockets.get(bot.userId) ?? new Set()
    this.#sockets.set(bot.userId, sockets.add(socket))
    this.#parts.record.write({ kind: 'ticket', ...about, what: 'used', bufferedCount: buffered.length })
    this.#parts.record.write({ kind: 'socket', ...about, socket: socket.number, what: 'opened' })
    if (sockets.size === 1) this.#parts.record.write({ kind: 'presence', ...about, status: 'online' })
    platformSocket.onClosed((code, by) => {
      sockets.delete(socket)
      this.#parts.record.write({ kind: 'socket', ...about, socket: socket.number, what: 'closed', code, by })
      if (sockets.size === 0) this.#parts.record.write({ kind: 'presence', ...about, status: 'offline' })
    })
    socket.send('{"type":"hello"}')
    for (const text of buffered) socket.send(text)
  }

  #refuse(socket: PlatformSocket): void {
    this.#parts.record.write({ kind: 'socket', platform: 'slack', socket: socket.number, what: 'refused' })
    socket.send('{"type":"error","error":{"code":1,"msg":"Socket URL has expired"}}')
    socket.close(1000)
  }

  #expire(id: string): void {
    const ticket = this.#tickets.get(id)
    if (!ticket) return
    this.#tickets.delete(id)
    this.#parts.record.write({
      kind: 'ticket',
      platform: 'slack',
      bot: ticket.bot.userId,
      what: 'expired',
      bufferedCount: ticket.buffered.length,
    })
  }
}
