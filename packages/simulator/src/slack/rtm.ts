import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { DeliveredTo } from '../facts.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { PlatformSocket } from '../socket.ts'
import type { SlackBot } from './directory.ts'
import type { SlackPresence } from './presence.ts'
import { type RtmHost, RtmSocket } from './rtm-socket.ts'
import { SlackTickets, type Ticket } from './tickets.ts'

/** What the RTM side is made of. */
export interface RtmParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly limits: SlackLimits
  readonly presence: SlackPresence
  readonly host: RtmHost
}

/**
 * The RTM side of the fake Slack: single-use connect URLs and any number of sockets per bot. Every event goes to all
 * open sockets of a bot and is never repeated: what happens while none is open and no URL waits is lost to that bot.
 * A bot is shown online while it has a socket.
 */
export class SlackRtm {
  readonly #parts: RtmParts
  readonly #tickets: SlackTickets
  readonly #sockets = new Map<string, Set<RtmSocket>>()

  constructor(parts: RtmParts) {
    this.#parts = parts
    const { clock, record, limits } = parts
    this.#tickets = new SlackTickets({ clock, record, lifeMs: limits.rtmUrlLifeMs })
  }

  /** A ticket for the path of a connect URL. */
  issueTicket(bot: SlackBot): string {
    return this.#tickets.issue(bot)
  }

  /** Takes a fresh websocket in: hello and what happened since the URL was given, or the error frame and the end. */
  accept(ws: WebSocket, socketNumber: number, ticketId: string): void {
    const socket = new PlatformSocket(ws, socketNumber)
    const ticket = this.#tickets.take(ticketId)
    if (ticket) this.#attach(ticket, socket)
    else this.#refuse(socket)
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
    for (const { buffered } of this.#tickets.of(bot)) {
      if (buffered.length >= this.#parts.limits.rtmUrlBufferCount) continue
      buffered.push(text)
      bufferedCount += 1
    }
    return { bot: bot.userId, sentCount, bufferedCount }
  }

  socketsOf(bot: SlackBot): readonly RtmSocket[] {
    return [...(this.#sockets.get(bot.userId) ?? [])]
  }

  /** Ends everything at once; nothing is left running. */
  stop(): void {
    this.#tickets.stop()
    for (const sockets of this.#sockets.values()) for (const socket of [...sockets]) socket.drop()
  }

  #attach(ticket: Ticket, platformSocket: PlatformSocket): void {
    const { bot, buffered } = ticket
    const { record, presence, host } = this.#parts
    const socket = new RtmSocket(bot, platformSocket, host)
    const about = { kind: 'socket', platform: 'slack', bot: bot.userId, socket: socket.number } as const
    const sockets = this.#sockets.get(bot.userId) ?? new Set()
    this.#sockets.set(bot.userId, sockets.add(socket))
    record.write({ ...about, what: 'opened' })
    presence.came(bot)
    platformSocket.onClosed((code, by) => {
      sockets.delete(socket)
      record.write({ ...about, what: 'closed', code, by })
      presence.went(bot)
    })
    socket.send('{"type":"hello"}')
    for (const text of buffered) socket.send(text)
  }

  #refuse(socket: PlatformSocket): void {
    this.#parts.record.write({ kind: 'socket', platform: 'slack', socket: socket.number, what: 'refused' })
    socket.send('{"type":"error","error":{"code":1,"msg":"Socket URL has expired"}}')
    socket.close(1000)
  }
}
