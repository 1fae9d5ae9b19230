import { type Clock, randomHex, type Timer } from '../clock.ts'
import type { SimulatorRecord } from '../record.ts'
import type { SlackBot } from './directory.ts'

/** What rtm.connect was asked for beside the URL. */
export interface RtmAsked {
  readonly batchesPresence?: boolean
}

/** A connect URL that waits for its one use, and what it keeps meanwhile. */
export interface Ticket {
  readonly bot: SlackBot
  readonly asked: RtmAsked
  readonly buffered: string[]
}

/** What tickets are made with. */
export interface TicketParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  /** How long one may wait for its use. */
  readonly lifeMs: number
}

/** Single-use connect URLs, of RTM or of Socket Mode: issued, then used or expired, which the record tells. */
export class SlackTickets {
  readonly #parts: TicketParts
  readonly #tickets = new Map<string, Ticket & { readonly timer: Timer }>()

  constructor(parts: TicketParts) {
    this.#parts = parts
  }

  /** The id for the connect URL. */
  issue(bot: SlackBot, asked: RtmAsked = {}): string {
    const { clock, lifeMs } = this.#parts
    const id = randomHex(clock, 24)
    const timer = clock.setTimer(lifeMs, () => this.#expire(id))
    this.#tickets.set(id, { bot, asked, buffered: [], timer })
    this.#tell(bot, 'issued', 0)
    return id
  }

  has(id: string): boolean {
    return this.#tickets.has(id)
  }

  /** Uses it up; undefined if it never was, was used or is expired. */
  take(id: string): Ticket | undefined {
    const ticket = this.#tickets.get(id)
    if (!ticket) return undefined
    ticket.timer.clear()
    this.#tickets.delete(id)
    this.#tell(ticket.bot, 'used', ticket.buffered.length)
    return ticket
  }

  /** Those of a bot that wait. */
  of(bot: SlackBot): readonly Ticket[] {
    return [...this.#tickets.values()].filter((ticket) => ticket.bot === bot)
  }

  stop(): void {
    for (const { timer } of this.#tickets.values()) timer.clear()
    this.#tickets.clear()
  }

  #expire(id: string): void {
    const ticket = this.#tickets.get(id)
    this.#tickets.delete(id)
    if (ticket) this.#tell(ticket.bot, 'expired', ticket.buffered.length)
  }

  #tell({ userId }: SlackBot, what: 'issued' | 'used' | 'expired', bufferedCount: number): void {
    this.#parts.record.write({ kind: 'ticket', platform: 'slack', bot: userId, what, bufferedCount })
  }
}
