import { type Gap, readDiscordDispatch } from '@holdfast/events'
import type { DiscordSession } from '@holdfast/ownership'
import type { Session, Shard, ShardEffect } from '@holdfast/protocol'
import type { DriverTools } from '../ports.ts'
import { DiscordSessionProgress } from './discord-session.ts'
import { announceGap } from './gap-announcement.ts'
import { toWallAt } from './process-time.ts'
import type { Unit } from './unit.ts'

type Dispatch = Extract<ShardEffect, { kind: 'dispatch' }>

/** Where the events of a shard go, and who is told that they arrived. */
export interface ShardEventsOptions
  extends Pick<DriverTools, 'publish' | 'wanted' | 'metrics' | 'backfill' | 'clock'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly shard: Shard
  readonly intents: number
  readonly unit: Pick<
    Unit<never>,
    'touch' | 'store' | 'kept' | 'malformed' | 'nextNonce' | 'missed' | 'tell' | 'origin'
  >
  /** Up to here a session is confirmed or kept: a resume may ask for what comes after. Called whenever it moves. */
  readonly onConfirmed: (sessionId: string, sequence: number) => void
}

/**
 * The dispatches of one shard on their way to the queue, session by session: how far each is confirmed, and the gap that
 * a lost one leaves. What may be stored of it is never ahead of what is confirmed.
 */
export class ShardEvents {
  readonly #options: ShardEventsOptions
  #session: DiscordSessionProgress | undefined
  /** The session that can't be resumed, until its gap is announced: when the next one starts. */
  #lost: DiscordSessionProgress | undefined
  /** Of that one: since when it heard nothing, where it was given up for that. */
  #deafSinceMs: number | undefined
  /** Lost sessions of which something is unconfirmed, their gap included. Until then the stored checkpoint stays theirs. */
  #unsettled: DiscordSessionProgress[] = []
  #onSettled: (() => void)[] = []

  constructor(options: ShardEventsOptions) {
    this.#options = options
  }

  /** Goes on with the session of a stored checkpoint. */
  restore(stored: DiscordSession): void {
    this.#session = DiscordSessionProgress.restored(stored, this.#options.clock)
  }

  /** A new session. If one was lost before it, their gap is announced now, ahead of everything that follows. */
  begin(session: Session): void {
    const readyMs = this.#options.clock.monotonicMs()
    this.#session = DiscordSessionProgress.started(session, this.#options, readyMs)
    if (this.#lost) this.#announceGap(this.#lost, readyMs, session.applicationId)
    this.#lost = undefined
    this.#options.unit.store()
  }

  /** The session can't be resumed. `deafSinceMs`: it was given up, for it has heard nothing since then (monotonic). */
  lose(deafSinceMs?: number): void {
    this.#lost = this.#session
    this.#deafSinceMs = deafSinceMs
    this.#session = undefined
  }

  /** Publishes a dispatch; confirms at once what nobody wants or can read. */
  take(dispatch: Dispatch): void {
    const { connection, metrics, wanted, publish, unit } = this.#options
    const type = `discord.${dispatch.type}`
    const session = this.#session
    const confirm = () => this.#confirm(session, dispatch.sequence)
    const keep = () => this.#keep(session, dispatch.sequence)
    metrics.received('discord', connection, type)
    session?.progress.received(dispatch.sequence)
    if (!wanted(type, dispatch.delivery, connection)) return confirm()
    const reading = this.#read(dispatch)
    // Here responsibility passes: until `confirm` or `keep` runs, the session on Discord's side is all that holds the event.
    if (reading.kind === 'event' || reading.kind === 'ephemeral')
      return publish(reading.event, unit.origin, confirm, keep)
    if (reading.kind === 'malformed') unit.malformed(reading.problem)
    confirm()
  }

  /** Everything that Discord sent before `sentMs` (monotonic) has been received. */
  caughtUp(sentMs: number): void {
    if (!this.#session) return
    this.#session.progress.probeAnswered(sentMs)
    this.#options.unit.touch()
  }

  /** What may be stored now. Nothing while a lost session is unsettled: the one that is stored stands for it. */
  checkpoint(): DiscordSession | undefined {
    return this.#storable()?.checkpoint()
  }

  /** As the checkpoint, counting what the journal holds as confirmed. */
  mark(): DiscordSession | undefined {
    return this.#storable()?.mark()
  }

  /** Resolves when Redis has everything that has come, what the journal holds included. */
  settled(): Promise<void> {
    if (this.#isSettled()) return Promise.resolve()
    return new Promise((resolve) => this.#onSettled.push(resolve))
  }

  #storable(): DiscordSessionProgress | undefined {
    this.#unsettled = this.#unsettled.filter((lost) => !lost.progress.settled)
    return this.#unsettled.length === 0 ? this.#session : undefined
  }

  #isSettled(): boolean {
    const sessions = [this.#session, this.#lost, ...this.#unsettled]
    return sessions.every((session) => session === undefined || session.progress.settled)
  }

  #read(dispatch: Dispatch) {
    const { connection, shard, clock, unit } = this.#options
    return readDiscordDispatch(dispatch, {
      connection,
      bot: dispatch.applicationId,
      receivedAt: clock.wallAt(),
      delivery: dispatch.delivery,
      nonce: unit.nextNonce(),
      shard: shard[0],
      sessionId: dispatch.sessionId,
    })
  }

  /** A confirm of a session that was lost meanwhile moves that one's progress; the machine knows to ignore it. */
  #confirm(session: DiscordSessionProgress | undefined, sequence: number): void {
    if (!session?.progress.confirm(sequence)) return
    this.#moved(session)
    if (this.#onSettled.length > 0 && this.#isSettled())
      for (const resolve of this.#onSettled.splice(0)) resolve()
  }

  /** The journal has it: Discord's own buffer is short, and need not hold it any longer for this process. */
  #keep(session: DiscordSessionProgress | undefined, sequence: number): void {
    if (!session?.progress.keep(sequence)) return
    this.#moved(session)
    this.#options.unit.kept()
  }

  #moved(session: DiscordSessionProgress): void {
    this.#options.onConfirmed(session.sessionId, session.progress.heldSequence)
    this.#options.unit.touch()
  }

  /** The gap takes the place after the last dispatch of the lost session, so that both are confirmed together. */
  #announceGap(lost: DiscordSessionProgress, toMs: number, bot: string): void {
    const { connection, shard, clock, unit } = this.#options
    const fromMs = Math.min(lost.progress.heardAt, this.#deafSinceMs ?? toMs, toMs)
    const sequence = lost.progress.receivedNext()
    this.#unsettled.push(lost)
    const gap: Gap = {
      platform: 'discord',
      connection,
      shard: shard[0],
      bot,
      from: toWallAt(clock, fromMs),
      to: toWallAt(clock, toMs),
      why: this.#deafSinceMs === undefined ? 'session-lost' : 'deaf',
      receivedAt: clock.wallAt(),
    }
    announceGap(gap, this.#options, () => {
      this.#confirm(lost, sequence)
      unit.touch()
    })
  }
}
