import { type Clock, randomHex } from '../clock.ts'
import type { DeliveredTo } from '../facts.ts'
import type { DiscordLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import type { DiscordBot, DiscordDirectory } from './directory.ts'
import { intentFor } from './intents.ts'
import { DiscordSession, type DispatchTarget } from './session.ts'
import { shardKeyOf } from './snowflakes.ts'

/** What happened, on its way to those who may see it. */
export interface Dispatch {
  readonly type: string
  /** The text of `d`, byte for byte, for a session; the same text object for equal sessions costs nothing. */
  readonly textFor: (session: DiscordSession) => string
  /** Decides shard and membership; without it, shard 0 of each bot. */
  readonly guildId?: string
  /** Only these bots, instead of all of the guild. */
  readonly bots?: readonly DiscordBot[]
}

/** What sessions are made with. */
export interface SessionParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly limits: DiscordLimits
  readonly directory: DiscordDirectory
}

/**
 * All sessions of all bots. A session outlives its socket for the resume window and keeps what happens meanwhile. A bot
 * is shown online while it has a session.
 */
export class DiscordSessions {
  readonly #parts: SessionParts
  readonly #sessions = new Map<string, DiscordSession>()
  readonly #byBot = new Map<DiscordBot, readonly DiscordSession[]>()

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  find(id: string): DiscordSession | undefined {
    return this.#sessions.get(id)
  }

  of(bot?: DiscordBot): readonly DiscordSession[] {
    return bot ? (this.#byBot.get(bot) ?? []) : [...this.#sessions.values()]
  }

  start(
    about: Pick<DiscordSession, 'bot' | 'shard' | 'intents' | 'dialect'>,
    socket: DispatchTarget,
  ): DiscordSession {
    const id = randomHex(this.#parts.clock, 32)
    const session = new DiscordSession({ id, ...about }, socket, this.#parts.limits.replayBufferCount)
    const isFirst = this.of(about.bot).length === 0
    this.#sessions.set(id, session)
    this.#byBot.set(about.bot, [...this.of(about.bot), session])
    if (isFirst) this.#recordPresence(about.bot, 'online')
    return session
  }

  /** A RESUME succeeded: dispatches go to `socket` from now on. */
  attach(session: DiscordSession, socket: DispatchTarget): void {
    if (session.state.kind === 'detached') session.state.timer.clear()
    session.state = { kind: 'attached', socket }
  }

  /** The session's socket is gone: it waits for a RESUME. Does nothing when another socket has it already. */
  detach(session: DiscordSession, socket: DispatchTarget): void {
    if (session.state.kind !== 'attached' || session.state.socket !== socket) return
    const expire = () => this.end(session, 'resume window over')
    session.state = {
      kind: 'detached',
      timer: this.#parts.clock.setTimer(this.#parts.limits.resumeWindowMs, expire),
    }
  }

  /** The session is over: it can't be resumed, and what it kept is lost. */
  end(session: DiscordSession, why: string): void {
    if (!this.#sessions.delete(session.id)) return
    const others = this.of(session.bot).filter((other) => other !== session)
    this.#byBot.set(session.bot, others)
    if (session.state.kind === 'detached') session.state.timer.clear()
    session.state = { kind: 'over' }
    const { bot, id, sequence, unsentCount } = session
    this.#parts.record.write({
      kind: 'session-end',
      platform: 'discord',
      bot: bot.id,
      session: id,
      why,
      sequence,
      lostCount: unsentCount,
    })
    if (this.of(bot).length === 0) this.#recordPresence(bot, 'offline')
  }

  /** Gives a dispatch, `copies` times, to every session that may see it. Bots that have none at all are named with 0 and 0. */
  dispatch(dispatch: Dispatch, copies: number): DeliveredTo[] {
    const { directory } = this.#parts
    const { guildId } = dispatch
    const bots = dispatch.bots ?? (guildId === undefined ? directory.bots : directory.botsIn(guildId))
    return bots.flatMap((bot) => this.#dispatchTo(bot, dispatch, copies))
  }

  stop(): void {
    for (const session of this.#sessions.values()) {
      if (session.state.kind === 'detached') session.state.timer.clear()
      session.state = { kind: 'over' }
    }
    this.#sessions.clear()
    this.#byBot.clear()
  }

  #dispatchTo(bot: DiscordBot, { type, textFor, guildId }: Dispatch, copies: number): DeliveredTo[] {
    const intent = intentFor(type, guildId !== undefined)
    const key = guildId === undefined ? 0 : shardKeyOf(guildId)
    const covering = this.of(bot).filter(({ shard: [id, count] }) => id === key % count)
    const seeing = covering.filter((session) => intent === 0 || (session.intents & intent) !== 0)
    // A bot that is there but did not ask for this has lost nothing.
    if (covering.length > 0 && seeing.length === 0) return []
    const count = { sent: 0, buffered: 0, lost: 0 }
    for (const session of seeing) {
      for (let copy = 0; copy < copies; copy++) count[session.dispatch(type, textFor(session))] += 1
    }
    return [{ bot: bot.id, sentCount: count.sent, bufferedCount: count.buffered }]
  }

  #recordPresence(bot: DiscordBot, status: 'online' | 'offline'): void {
    this.#parts.record.write({ kind: 'presence', platform: 'discord', bot: bot.id, status })
  }
}
