import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { DeliveredTo } from '../facts.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { PlatformSocket } from '../socket.ts'
import type { SlackBot } from './directory.ts'
import type { SlackPresence } from './presence.ts'
import { type RtmHost, RtmSocket } from './rtm-socket.ts'
import { type RtmAsked, SlackTickets, type Ticket } from './tickets.ts'

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
  // By workspace: when something last happened there, and until when it is being moved; monotonic.
  readonly #activeMs = new Map<string, number>()
  readonly #movedMs = new Map<string, number>()
  // By bot: the last message that it sent over RTM, where its socket is gone since.
  readonly #lastReplies = new Map<string, string>()
  #toRefuseCount = 0

  constructor(parts: RtmParts) {
    this.#parts = parts
    const { clock, record, limits, presence } = parts
    presence.onChange((user, shown) => {
      for (const socket of this.#all()) socket.showPresence(user, shown)
    })
    this.#tickets = new SlackTickets({ clock, record, lifeMs: limits.rtmUrlLifeMs })
  }

  /** A ticket for the path of a connect URL. */
  issueTicket(bot: SlackBot, asked: RtmAsked = {}): string {
    return this.#tickets.issue(bot, asked)
  }

  /** Whether the workspace is being moved to another place, and takes no connection meanwhile. */
  isMoving({ teamId }: SlackBot): boolean {
    return this.#parts.clock.monotonicMs() < (this.#movedMs.get(teamId) ?? Number.NEGATIVE_INFINITY)
  }

  /** Moves the workspaces of these bots: their sockets end at once, and no new one is given for `forMs`. */
  migrate(bots: readonly SlackBot[], forMs: number): void {
    const teams = new Set(bots.map(({ teamId }) => teamId))
    for (const teamId of teams) this.#movedMs.set(teamId, this.#parts.clock.monotonicMs() + forMs)
    for (const socket of this.socketsBeside(bots)) {
      socket.send('{"type":"team_migration_started"}')
      socket.close(1000)
    }
  }

  /** The sockets of all workspaces that these bots are in. */
  socketsBeside(bots: readonly SlackBot[]): readonly RtmSocket[] {
    return [...this.#all()].filter((socket) => bots.some(({ teamId }) => teamId === socket.bot.teamId))
  }

  /** The next sockets get an error frame in place of hello. 0 takes it back. */
  refuseConnects(count: number): void {
    this.#toRefuseCount = count
  }

  /** Takes back what was done to connects and has not ended by itself. */
  clear(): void {
    this.#movedMs.clear()
    this.#toRefuseCount = 0
  }

  /** Takes a fresh websocket in: hello and what happened since the URL was given, or the error frame and the end. */
  accept(ws: WebSocket, socketNumber: number, ticketId: string): void {
    const socket = new PlatformSocket(ws, socketNumber)
    const ticket = this.#tickets.take(ticketId)
    if (!ticket) return this.#refuse(socket)
    if (this.#toRefuseCount === 0) return this.#attach(ticket, socket)
    this.#toRefuseCount -= 1
    this.#refuse(socket, ticket.bot)
  }

  /** Writes one frame to every open socket of the bot but `except`, `copies` times, and keeps it for waiting URLs. */
  deliver(bot: SlackBot, text: string, copies: number, except?: RtmSocket): DeliveredTo {
    this.#activeMs.set(bot.teamId, this.#parts.clock.monotonicMs())
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
    for (const socket of this.#all()) socket.drop()
  }

  #attach({ bot, asked, buffered }: Ticket, platformSocket: PlatformSocket): void {
    const { record, presence } = this.#parts
    this.#activeMs.set(bot.teamId, this.#parts.clock.monotonicMs())
    const socket = this.#makeSocket(bot, platformSocket, asked)
    const about = { kind: 'socket', platform: 'slack', bot: bot.userId, socket: socket.number } as const
    const sockets = this.#sockets.get(bot.userId) ?? new Set()
    this.#sockets.set(bot.userId, sockets.add(socket))
    record.write({ ...about, what: 'opened' })
    presence.came(bot)
    socket.onEnded((code, by) => {
      sockets.delete(socket)
      if (socket.lastReply !== undefined) this.#lastReplies.set(bot.userId, socket.lastReply)
      record.write({ ...about, what: 'closed', code, by })
      presence.went(bot)
    })
    socket.send('{"type":"hello"}')
    this.#repeatReply(socket)
    for (const text of buffered) socket.send(text)
  }

  #makeSocket(bot: SlackBot, socket: PlatformSocket, asked: RtmAsked): RtmSocket {
    const { clock, limits, host } = this.#parts
    const activeMs = () => this.#activeMs.get(bot.teamId) ?? Number.NEGATIVE_INFINITY
    const batchesPresence = asked.batchesPresence ?? false
    return new RtmSocket(bot, { clock, limits, host, socket, activeMs, batchesPresence })
  }

  /** "The first message may be a reply to the last one of the previous connection": it may have been lost with that. */
  #repeatReply(socket: RtmSocket): void {
    const { userId } = socket.bot
    const reply = this.#lastReplies.get(userId)
    if (reply === undefined || !this.#parts.limits.rtmRepeatsReply) return
    this.#lastReplies.delete(userId)
    socket.send(reply)
  }

  #all(): readonly RtmSocket[] {
    return [...this.#sockets.values()].flatMap((sockets) => [...sockets])
  }

  #refuse(socket: PlatformSocket, bot?: SlackBot): void {
    const about = { platform: 'slack', ...(bot && { bot: bot.userId }), socket: socket.number } as const
    this.#parts.record.write({ kind: 'socket', ...about, what: 'refused' })
    socket.send('{"type":"error","error":{"code":1,"msg":"Socket URL has expired"}}')
    socket.close(1000)
  }
}
