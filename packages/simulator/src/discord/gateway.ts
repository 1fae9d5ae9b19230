import type { WebSocket } from 'ws'
import type { ArmedFaults } from '../armed-faults.ts'
import type { Clock } from '../clock.ts'
import type { PresenceUpdateFact } from '../facts.ts'
import type { DiscordLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { type EndedBy, PlatformSocket } from '../socket.ts'
import { botCloseKeepsSession, platformCloseKeepsSession } from './close-codes.ts'
import type { DiscordBot, DiscordDirectory } from './directory.ts'
import type { ChannelInfoRequest, Identify, MemberRequest, Resume } from './gateway-frame.ts'
import { type GatewayHost, GatewaySocket } from './gateway-socket.ts'
import type { GuildRequests } from './guild-requests.ts'
import { Identifies } from './identifies.ts'
import type { IdentifyBudget } from './identify-budget.ts'
import type { MemberRequests } from './member-requests.ts'
import type { WishedPresence } from './presence.ts'
import { Resumes } from './resumes.ts'
import type { DiscordSession } from './session.ts'
import type { DiscordSessions } from './sessions.ts'
import { outletFor } from './transport.ts'

/** What the Discord gateway is made of. */
export interface GatewayParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
  readonly limits: DiscordLimits
  readonly directory: DiscordDirectory
  readonly sessions: DiscordSessions
  readonly budget: IdentifyBudget
  readonly members: MemberRequests
  readonly guildRequests: GuildRequests
}

/** How a bot came in: the query of its URL and where it may resume. */
export interface GatewayConnect {
  readonly query: URLSearchParams
  readonly resumeUrl: string
}

/** The fake Discord gateway: takes sockets in, and records what becomes of their IDENTIFY and RESUME. */
export class DiscordGateway implements GatewayHost {
  readonly #parts: GatewayParts
  readonly #sockets = new Set<GatewaySocket>()
  readonly #identifies: Identifies
  readonly #resumes: Resumes

  constructor(parts: GatewayParts) {
    this.#parts = parts
    this.#identifies = new Identifies(parts, (bot) => this.resetToken(bot))
    this.#resumes = new Resumes(parts.sessions, (bot) => this.socketsOf(bot))
  }

  accept(ws: WebSocket, socketNumber: number, { query, resumeUrl }: GatewayConnect): void {
    const { clock, limits, record, armed } = this.#parts
    const platformSocket = new PlatformSocket(ws, socketNumber, outletFor(query))
    record.write({ kind: 'socket', platform: 'discord', socket: socketNumber, what: 'opened' })
    const greeting = armed.takeEarlyReconnect() ? 'reconnect' : 'hello'
    const socket = new GatewaySocket({
      clock,
      limits,
      host: this,
      socket: platformSocket,
      resumeUrl,
      greeting,
      dialect: `v=${query.get('v')} encoding=${query.get('encoding')}`,
    })
    this.#sockets.add(socket)
    platformSocket.onClosed((code, by) => this.#closed(socket, code, by))
    if (query.get('v') !== '10') socket.close(4012)
  }

  /** Sockets that carry a session of the bot; all sockets when no bot is given. */
  socketsOf(bot?: DiscordBot): readonly GatewaySocket[] {
    return [...this.#sockets].filter((socket) => bot === undefined || socket.session?.bot === bot)
  }

  /** Ends all sessions of a bot and its sockets; its token is no longer good. */
  resetToken(bot: DiscordBot): void {
    this.#parts.directory.revoke(bot)
    for (const session of this.#parts.sessions.of(bot)) this.#parts.sessions.end(session, 'token reset')
    for (const socket of this.socketsOf(bot)) socket.close(4004)
  }

  /** Op 9 on demand: the session is over, or may be resumed. */
  invalidate(socket: GatewaySocket, resumable: boolean): void {
    const { session } = socket
    socket.invalidSession(resumable)
    if (!session) return
    if (resumable) this.#parts.sessions.detach(session, socket)
    else this.#parts.sessions.end(session, 'invalidated')
  }

  stop(): void {
    for (const socket of [...this.#sockets]) socket.drop()
  }

  /** Part of `GatewayHost`. */
  identify(socket: GatewaySocket, identify: Identify): void {
    const bot = this.#parts.directory.botOfToken(identify.token)
    const outcome = bot ? this.#identifies.answer(socket, bot, identify) : refuseToken(socket)
    this.#parts.record.write({
      kind: 'identify',
      platform: 'discord',
      socket: socket.number,
      ...(bot && { bot: bot.id, remainingCount: this.#parts.budget.show(bot).remaining }),
      shard: identify.shard,
      intents: identify.intents,
      ...outcome,
    })
    if (!bot || !socket.session) return
    if (identify.presence) this.#show(socket, socket.session, identify.presence, 'shown')
    this.#identifies.greet(socket, bot)
  }

  /** Part of `GatewayHost`. */
  resume(socket: GatewaySocket, resume: Resume): void {
    const bot = this.#parts.directory.botOfToken(resume.token)
    const outcome = bot ? this.#resumes.answer(socket, bot, resume) : refuseToken(socket)
    const { session, sequence } = resume
    this.#parts.record.write({
      kind: 'resume',
      platform: 'discord',
      socket: socket.number,
      ...(bot && { bot: bot.id }),
      session,
      sequence,
      ...outcome,
    })
  }

  /** Part of `GatewayHost`. */
  requestMembers(session: DiscordSession, request: MemberRequest): void {
    this.#parts.members.answer(session, request)
  }

  /** Part of `GatewayHost`. */
  requestSounds(session: DiscordSession, guildIds: readonly string[]): void {
    this.#parts.guildRequests.sounds(session, guildIds)
  }

  /** Part of `GatewayHost`. */
  requestChannelInfo(session: DiscordSession, request: ChannelInfoRequest): void {
    this.#parts.guildRequests.channelInfo(session, request)
  }

  /** Part of `GatewayHost`. */
  updatePresence(socket: GatewaySocket, session: DiscordSession, wish: WishedPresence): void {
    this.#show(socket, session, wish, socket.takesPresence() ? 'shown' : 'ignored')
  }

  #show(
    { number: socket }: GatewaySocket,
    session: DiscordSession,
    wish: WishedPresence,
    outcome: PresenceUpdateFact['outcome'],
  ): void {
    if (outcome === 'shown') session.presence = wish
    const about = { bot: session.bot.id, session: session.id, socket, ...wish, outcome }
    this.#parts.record.write({ kind: 'presence-update', platform: 'discord', ...about })
  }

  #closed(socket: GatewaySocket, code: number, by: EndedBy): void {
    const { record, sessions } = this.#parts
    const { number, session } = socket
    this.#sockets.delete(socket)
    socket.ended()
    const bot = session && { bot: session.bot.id }
    record.write({ kind: 'socket', platform: 'discord', socket: number, ...bot, what: 'closed', code, by })
    if (session?.state.kind !== 'attached' || session.state.socket !== socket) return
    const keeps = by === 'bot' ? botCloseKeepsSession(code) : platformCloseKeepsSession(code)
    if (keeps) sessions.detach(session, socket)
    else sessions.end(session, `closed with ${code} by the ${by}`)
  }
}

function refuseToken(socket: GatewaySocket): { outcome: 'closed'; code: number } {
  socket.close(4004)
  return { outcome: 'closed', code: 4004 }
}
