import { type CheckedCommand, checkCommand, type Identity, type ShardCommand } from '@holdfast/protocol'
import type { Clock, Timer } from '@holdfast/runtime'
import { AllMembersRequests } from './all-members.ts'
import { type Rate, SlidingLog } from './sliding-log.ts'

/** What became of a command. */
export type CommandAnswer =
  /** It was written to a socket. What Discord makes of it comes as a dispatch, if at all. */
  | { readonly kind: 'sent' }
  /** A newer presence took its place while it waited. */
  | { readonly kind: 'replaced' }
  /** It was not sent and will not be. */
  | { readonly kind: 'refused'; readonly why: string; readonly retryAfterMs?: number }

type Presence = NonNullable<Identity['presence']>
type Sendable = Exclude<CheckedCommand, { kind: 'refused' }>
interface Waiting {
  readonly command: Sendable
  readonly answer: (answer: CommandAnswer) => void
}

/** What commands are sent with. */
export interface ShardCommandsOptions {
  readonly clock: Clock
  readonly send: (text: string) => void
  /** The configured one. */
  readonly presence: Presence | undefined
}

/**
 * All events of one socket, ours too: one more is answered with close 4008. A second is added for the network, which may
 * bring two closer together. Source: docs.discord.com/developers/events/gateway#rate-limiting
 */
const SOCKET_RATE: Rate = { count: 120, perMs: 61_000 }
/** Source: docs.discord.com/developers/events/gateway-events#activity-object */
const PRESENCE_RATE: Rate = { count: 5, perMs: 21_000 }
/** A worker that asks faster than Discord takes is told so here. */
const MAX_WAITING_COUNT = 1_000
const MINUTE_MS = 60_000

/**
 * What workers want to send on a shard's socket, within Discord's limits, in the order in which they asked; only a presence
 * may be passed over while its own rate is spent. They wait while the shard is not connected and go out after the next READY or
 * RESUMED; what was sent is never sent again, for Discord confirms nothing: a worker that misses its answer asks again. The newest
 * presence is the bot's: it goes with each identify, and replaces an older one that still waits.
 */
export class ShardCommands {
  readonly #options: ShardCommandsOptions
  readonly #presences: SlidingLog
  readonly #allMembers: AllMembersRequests
  #sends: SlidingLog
  #waiting: Waiting[] = []
  #timer: Timer | undefined
  #presence: Presence | undefined
  /** How many events of a span are left for heartbeats; absent while the shard is not connected. */
  #reservedCount: number | undefined
  /** A resumed session shows what it showed before, until it is told once. */
  #presenceTold = false
  #ended: string | undefined

  constructor(options: ShardCommandsOptions) {
    this.#options = options
    this.#presence = options.presence
    this.#sends = new SlidingLog(options.clock, SOCKET_RATE)
    this.#presences = new SlidingLog(options.clock, PRESENCE_RATE)
    this.#allMembers = new AllMembersRequests(options.clock)
  }

  /** What an identify should tell. */
  get shown(): { readonly presence?: Presence } {
    return this.#presence ? { presence: this.#presence } : {}
  }

  /** Resolves when it was written to a socket, or never will be. Never rejects. */
  async offer(wish: ShardCommand): Promise<CommandAnswer> {
    const command = checkCommand(wish)
    if (command.kind === 'refused') return command
    const refusal = this.#refusal(command)
    if (refusal) return { kind: 'refused', ...refusal }
    return new Promise((answer) => this.#take({ command, answer }))
  }

  /** A new socket has a limit of its own. */
  opened(): void {
    this.#sends = new SlidingLog(this.#options.clock, SOCKET_RATE)
  }

  /** A heartbeat, an identify or a resume was sent: they never wait, but they count. */
  count(): void {
    this.#sends.note()
  }

  /** The shard is connected: what waits may go. */
  go(heartbeatMs: number): void {
    // Its own heartbeats, as many that Discord may ask for, and room for what opens the connection.
    this.#reservedCount = 2 * Math.ceil(MINUTE_MS / heartbeatMs) + 2
    this.#flush()
  }

  /** READY: the presence went with the identify. */
  begun(): void {
    this.#presenceTold = true
  }

  /** RESUMED: another process may have begun the session, with another presence. */
  resumed(): void {
    const told = this.#presenceTold
    this.#presenceTold = true
    if (this.#presence && !told) void this.offer({ op: 3, d: this.#presence })
  }

  /** The shard is not connected any more: everything waits. */
  pause(): void {
    this.#reservedCount = undefined
    this.#timer?.clear()
  }

  /** Nothing is sent any more: what waits is refused. */
  end(why: string): void {
    this.pause()
    this.#ended = why
    for (const { answer } of this.#waiting.splice(0)) answer({ kind: 'refused', why })
  }

  #refusal(command: Sendable): { why: string; retryAfterMs?: number } | undefined {
    if (this.#ended !== undefined) return { why: this.#ended }
    if (this.#waiting.length >= MAX_WAITING_COUNT)
      return { why: `${MAX_WAITING_COUNT} commands wait for this shard already` }
    return command.kind === 'allMembers' ? this.#tooSoon(command.guildId) : undefined
  }

  #tooSoon(guildId: string): { why: string; retryAfterMs?: number } | undefined {
    const why = 'all members of this guild were asked for already: Discord takes that once in 30 s'
    const retryAfterMs = this.#allMembers.waitMs(guildId)
    if (retryAfterMs > 0) return { why, retryAfterMs }
    return this.#waiting.some(({ command }) => isFor(command, guildId)) ? { why } : undefined
  }

  #take(wish: Waiting): void {
    if (wish.command.kind === 'presence') {
      this.#presence = wish.command.presence
      this.#replaceOlder()
    }
    this.#waiting.push(wish)
    this.#flush()
  }

  #replaceOlder(): void {
    this.#waiting = this.#waiting.filter(({ command, answer }) => {
      if (command.kind !== 'presence') return true
      answer({ kind: 'replaced' })
      return false
    })
  }

  #flush(): void {
    this.#timer?.clear()
    if (this.#reservedCount === undefined) return
    let soonestMs = Number.POSITIVE_INFINITY
    for (const wish of [...this.#waiting]) {
      const socketMs = this.#sends.waitMsBeside(this.#reservedCount)
      const ownMs = wish.command.kind === 'presence' ? this.#presences.waitMs : 0
      const waitMs = Math.max(socketMs, ownMs)
      if (waitMs === 0) this.#send(wish)
      else soonestMs = Math.min(soonestMs, waitMs)
      if (socketMs > 0) break
    }
    if (soonestMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#options.clock.setTimer(soonestMs, () => this.#flush())
  }

  #send(wish: Waiting): void {
    const { command, answer } = wish
    this.#waiting.splice(this.#waiting.indexOf(wish), 1)
    if (command.kind === 'presence') {
      this.#presences.note()
      this.#presenceTold = true
    }
    if (command.kind === 'allMembers') this.#allMembers.note(command.guildId)
    this.#sends.note()
    this.#options.send(command.text)
    answer({ kind: 'sent' })
  }
}

function isFor(command: Sendable, guildId: string): boolean {
  return command.kind === 'allMembers' && command.guildId === guildId
}
