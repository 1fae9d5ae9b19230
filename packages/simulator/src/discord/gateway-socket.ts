import type { Clock, Timer } from '../clock.ts'
import type { DiscordLimits } from '../limits.ts'
import { SlidingWindow } from '../rates.ts'
import type { PlatformSocket } from '../socket.ts'
import { closeReason } from './close-codes.ts'
import {
  type BotFrame,
  type ChannelInfoRequest,
  type Identify,
  type MemberRequest,
  type Resume,
  readBotFrame,
  readChannelInfoRequest,
  readIdentify,
  readMemberRequest,
  readResume,
  readSoundRequest,
} from './gateway-frame.ts'
import { LateAcks } from './late-acks.ts'
import { readPresence, type WishedPresence } from './presence.ts'
import type { DiscordSession, DispatchTarget } from './session.ts'

/** What a gateway socket needs of the Discord gateway around it. */
export interface GatewayHost {
  identify(socket: GatewaySocket, identify: Identify): void
  resume(socket: GatewaySocket, resume: Resume): void
  requestMembers(session: DiscordSession, request: MemberRequest): void
  requestSounds(session: DiscordSession, guildIds: readonly string[]): void
  requestChannelInfo(session: DiscordSession, request: ChannelInfoRequest): void
  updatePresence(socket: GatewaySocket, session: DiscordSession, wish: WishedPresence): void
}

/** What a gateway socket is made of. */
export interface GatewaySocketParts {
  readonly clock: Clock
  readonly limits: DiscordLimits
  readonly host: GatewayHost
  readonly socket: PlatformSocket
  /** Where READY tells the bot to resume. */
  readonly resumeUrl: string
  /** What it says first: Hello, or op 7 in its place. */
  readonly greeting: 'hello' | 'reconnect'
  /** The version and encoding that it speaks, as its URL asked for them. */
  readonly dialect: string
}

// A heartbeat that is half an interval late is a dead bot.
const HEARTBEAT_GRACE = 1.5

// "your connection will be closed and you will be forced to Resume": a code that leaves the session as it is. 4009, by
// its name the nearest, is documented as the end of the session.
const HEARTBEAT_MISSED = 4000

/**
 * One connection to the fake Discord gateway. States: without `session`, it has said Hello and waits for IDENTIFY or
 * RESUME; with one, its dispatches go out here. In both, a heartbeat that stays away ends it, and the session waits
 * for a RESUME. Protocol errors end it with their documented codes. Source: docs.discord.com, Gateway; Opcodes and Status Codes.
 */
export class GatewaySocket implements DispatchTarget {
  readonly resumeUrl: string
  readonly #parts: GatewaySocketParts
  readonly dialect: string
  readonly #sends: SlidingWindow
  readonly #presences: SlidingWindow
  readonly #lateAcks: LateAcks
  #session: DiscordSession | undefined
  #deadline: Timer
  #end: Timer | undefined

  constructor(parts: GatewaySocketParts) {
    this.#parts = parts
    this.resumeUrl = parts.resumeUrl
    this.dialect = parts.dialect
    this.#sends = new SlidingWindow(parts.clock, parts.limits.sends)
    this.#presences = new SlidingWindow(parts.clock, parts.limits.presences)
    this.#lateAcks = new LateAcks(parts.clock)
    this.#deadline = this.#awaitHeartbeat()
    parts.socket.onFrame((text, bytes) => this.#read(text, bytes))
    if (parts.greeting === 'reconnect') this.reconnect()
    else this.#sendOp(10, { heartbeat_interval: parts.limits.heartbeatIntervalMs, _trace: ['simulator'] })
  }

  get number(): number {
    return this.#parts.socket.number
  }

  get platformSocket(): PlatformSocket {
    return this.#parts.socket
  }

  get open(): boolean {
    return this.#parts.socket.open
  }

  get frozen(): boolean {
    return this.#parts.socket.frozen
  }

  get session(): DiscordSession | undefined {
    return this.#session
  }

  /** The socket now carries this session. */
  bind(session: DiscordSession): void {
    this.#session = session
  }

  send(frame: string): void {
    this.#parts.socket.send(frame)
  }

  /** Op 9: the socket carries no session any more and may identify or resume anew. */
  invalidSession(resumable: boolean): void {
    this.#session = undefined
    this.#sendOp(9, resumable)
  }

  /** Op 7; a bot that stays for all that is closed after `closesAfterMs`, where that is given. */
  reconnect(closesAfterMs?: number): void {
    this.#sendOp(7, null)
    if (closesAfterMs === undefined) return
    this.#end?.clear()
    this.#end = this.#parts.clock.setTimer(closesAfterMs, () => this.close(4000))
  }

  /** Asks the bot for a heartbeat, which it must answer at once. */
  requestHeartbeat(): void {
    this.#sendOp(1, null)
  }

  /** Whether its presence may change once more now. */
  takesPresence(): boolean {
    return this.#presences.take()
  }

  /** For a while, heartbeats are answered late, while all else goes on in time. */
  delayAcks(lateMs: number, forMs: number): void {
    this.#lateAcks.begin(lateMs, forMs)
  }

  close(code: number, reason: string = closeReason(code)): void {
    this.#parts.socket.close(code, reason)
  }

  drop(): void {
    this.#parts.socket.drop()
  }

  freeze(): void {
    this.#parts.socket.freeze()
  }

  /** The websocket has ended: takes the timers back. */
  ended(): void {
    this.#deadline.clear()
    this.#end?.clear()
    this.#lateAcks.stop()
  }

  #read(text: string, bytes: number): void {
    if (bytes > this.#parts.limits.payloadBytes) return this.close(4002)
    if (!this.#sends.take()) return this.close(4008)
    const frame = readBotFrame(text)
    if (typeof frame === 'number') return this.close(frame)
    if (frame.op === 1) return this.#heartbeat()
    if (frame.op === 2) return this.#identify(frame.d)
    if (frame.op === 6) return this.#resume(frame.d)
    if (!this.#session) return this.close(4003)
    this.#command(this.#session, frame)
  }

  /** Voice states (op 4) are taken in silence: there is no voice channel here to join. */
  #command(session: DiscordSession, { op, d }: BotFrame): void {
    const { host } = this.#parts
    if (op === 3) this.#act(readPresence(d), (wish) => host.updatePresence(this, session, wish))
    if (op === 8) this.#act(readMemberRequest(d), (request) => host.requestMembers(session, request))
    if (op === 31) this.#act(readSoundRequest(d), (guildIds) => host.requestSounds(session, guildIds))
    if (op === 43)
      this.#act(readChannelInfoRequest(d), (request) => host.requestChannelInfo(session, request))
  }

  /** With what was read, or with the close code that it deserves. */
  #act<Read extends object>(read: Read | 4002, act: (read: Read) => void): void {
    if (read === 4002) this.close(4002)
    else act(read)
  }

  #heartbeat(): void {
    this.#deadline.clear()
    this.#deadline = this.#awaitHeartbeat()
    this.#lateAcks.pass(() => this.#sendOp(11, null))
  }

  #identify(d: unknown): void {
    if (this.#session) return this.close(4005)
    const identify = readIdentify(d)
    if (typeof identify === 'number') return this.close(identify)
    this.#parts.host.identify(this, identify)
  }

  #resume(d: unknown): void {
    if (this.#session) return this.close(4005)
    const resume = readResume(d)
    if (typeof resume === 'number') return this.close(resume)
    this.#parts.host.resume(this, resume)
  }

  #awaitHeartbeat(): Timer {
    const { clock, limits } = this.#parts
    return clock.setTimer(limits.heartbeatIntervalMs * HEARTBEAT_GRACE, () => this.close(HEARTBEAT_MISSED))
  }

  #sendOp(op: number, d: unknown): void {
    this.send(`{"t":null,"s":null,"op":${op},"d":${JSON.stringify(d)}}`)
  }
}
