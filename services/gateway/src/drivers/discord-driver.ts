import { gapEvent, readDiscordDispatch } from '@holdfast/events'
import type { DiscordSession } from '@holdfast/ownership'
import {
  heartbeatText,
  type Identity,
  identifyText,
  idleShard,
  readDiscordFrame,
  resumeText,
  type Shard,
  type ShardEffect,
  type ShardInput,
  type ShardState,
  type ShardTimer,
  stepShard,
} from '@holdfast/protocol'
import { sleep } from '@holdfast/runtime'
import type { ConnectionDriver, ConnectionStatus } from '../ports.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import { type DiscordApi, getGatewayBot } from './discord-api.ts'
import { DiscordSessionProgress } from './discord-session.ts'
import type { DriverDeps } from './driver.ts'
import { MachineLoop } from './machine-loop.ts'
import type { IdentifyPermits } from './permits.ts'
import { Probes } from './probes.ts'
import { type OpenSocket, type Socket, webSockets } from './socket.ts'
import { Timers } from './timers.ts'
import { UnitStatus } from './unit-status.ts'

export interface DiscordDriverOptions extends DriverDeps, Identity {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly apiUrl: string
  readonly shard: Shard
  /** Shared by all shards of the bot. */
  readonly permits: IdentifyPermits
}

/** A confirm is in the checkpoint within this time and the time of a write. */
const CHECKPOINT_INTERVAL_MS = 200

/** One shard of a Discord bot: the world of `stepShard`. It decides nothing. */
export function createDiscordDriver(options: DiscordDriverOptions): ConnectionDriver {
  return new DiscordDriver(options)
}

class DiscordDriver implements ConnectionDriver {
  readonly #options: DiscordDriverOptions
  readonly #unit: string
  readonly #api: DiscordApi
  readonly #openSocket: OpenSocket
  readonly #loop: MachineLoop<ShardState, ShardInput, ShardEffect>
  readonly #timers: Timers<ShardTimer>
  readonly #probes: Probes
  readonly #status: UnitStatus
  #socket: Socket | undefined
  #permit = new AbortController()
  #errand = new AbortController()
  #keeper: CheckpointKeeper | undefined
  #session: DiscordSessionProgress | undefined
  /** When the lost session was last caught up; announced when the next one starts. Nothing is stored until that is confirmed. */
  #gapFrom: number | undefined
  #onDrained: () => void = () => {}
  #fence = 0
  #frameCount = 0
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: DiscordDriverOptions) {
    const { connection, shard, apiUrl, token, clock, metrics } = options
    this.#options = options
    this.#unit = `${connection}/${shard[0]}`
    this.#api = { apiUrl, token, fetch: options.fetch ?? fetch }
    this.#openSocket = options.openSocket ?? webSockets(clock)
    this.#timers = new Timers(clock)
    this.#probes = new Probes(clock)
    this.#status = new UnitStatus({ connection, shard: shard[0] }, clock, metrics)
    this.#loop = new MachineLoop(stepShard, idleShard(shard), clock, (effect) => this.#perform(effect))
  }

  start(): Promise<void> {
    this.#starting ??= this.#begin()
    return this.#starting
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#finish(graceMs)
    return this.#stopping
  }

  status(): ConnectionStatus {
    const { session } = this.#loop.state.memory
    return {
      connection: this.#options.connection,
      platform: 'discord',
      transport: 'gateway',
      shard: this.#options.shard[0],
      ...this.#status.read(),
      ...(session && { sequence: { received: session.received, confirmed: session.confirmed } }),
    }
  }

  async #begin(): Promise<void> {
    const { checkpoints, clock } = this.#options
    this.#fence = await checkpoints.fence(this.#unit)
    const stored = await checkpoints.load(this.#unit)
    if (this.#stopping) return
    this.#keeper = new CheckpointKeeper({
      store: checkpoints,
      unit: this.#unit,
      fence: this.#fence,
      clock,
      intervalMs: CHECKPOINT_INTERVAL_MS,
      snapshot: () => this.#snapshot(),
      onRefused: () => this.#onRefused(),
      onFailed: () => this.#log('warn', 'the checkpoint could not be written; it is tried again'),
    })
    if (stored?.kind !== 'discord') return this.#loop.feed({ kind: 'start' })
    this.#session = DiscordSessionProgress.restored(stored)
    this.#loop.feed({ kind: 'start', session: stored })
  }

  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    await this.#starting?.catch(() => {})
    this.#errand.abort()
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
      this.#loop.feed({ kind: 'drain', graceMs })
    })
    await this.#flush(deadlineMs - clock.monotonicMs())
    this.#loop.feed({ kind: 'stop', why: 'told to stop' })
    await this.#socket?.closed
  }

  /** The checkpoint is written before the socket closes, so that whoever comes next resumes from here. */
  async #flush(atMostMs: number): Promise<void> {
    const written = new AbortController()
    const flushed = this.#keeper?.flush().finally(() => written.abort())
    await Promise.race([flushed, sleep(this.#options.clock, Math.max(atMostMs, 0), written.signal)])
    this.#keeper?.stop()
  }

  #perform(effect: ShardEffect): void {
    switch (effect.kind) {
      case 'transition':
        return this.#onTransition(effect)
      case 'locate':
        return this.#locate(effect.generation)
      case 'openSocket':
        return this.#open(effect.url, effect.generation)
      case 'closeSocket':
        return this.#socket?.close(effect.code)
      case 'terminateSocket':
        return this.#socket?.terminate()
      case 'requestPermit':
        return this.#requestPermit(effect.generation)
      case 'cancelPermit':
        return this.#permit.abort()
      case 'identify':
        return this.#socket?.send(identifyText(this.#options))
      case 'resume':
        return this.#socket?.send(resumeText(this.#options.token, effect.sessionId, effect.sequence))
      case 'heartbeat':
        this.#probes.sent()
        return this.#socket?.send(heartbeatText(effect.sequence))
      case 'heartbeatAcknowledged':
        return this.#onAcknowledged(effect.caughtUp)
      case 'setTimer':
        return this.#timers.set(effect.timer, effect.ms, () => this.#loop.feed({ ...effect, kind: 'timer' }))
      case 'clearTimers':
        return this.#timers.clear()
      case 'sessionStarted':
        return this.#onSessionStarted(effect)
      case 'sessionResumed':
        return
      case 'sessionLost':
        return this.#onSessionLost(effect.why)
      case 'dispatch':
        return this.#onDispatch(effect)
      case 'malformed':
        return this.#onMalformed(effect.problem)
      case 'drained':
        return this.#onDrained()
      case 'fatal':
        return this.#log('error', effect.why)
      default:
        return effect satisfies never
    }
  }

  #onTransition({ from, to, why }: Extract<ShardEffect, { kind: 'transition' }>): void {
    this.#status.become(STATUS[to], to === 'connected' ? undefined : why)
    this.#log('info', why, { from, to })
  }

  #locate(generation: number): void {
    this.#errand.abort()
    this.#errand = new AbortController()
    void getGatewayBot(this.#api, this.#errand.signal).then((answer) => {
      if (answer.kind === 'answer') this.#loop.feed({ kind: 'located', generation, url: answer.url })
      else this.#loop.feed({ ...answer, kind: 'locateFailed', generation })
    })
  }

  #open(url: string, generation: number): void {
    this.#probes.reset()
    this.#socket = this.#openSocket(url, {
      onOpen: () => this.#loop.feed({ kind: 'socketOpened', generation }),
      onText: (text) => this.#loop.feed({ kind: 'frame', generation, frame: readDiscordFrame(text) }),
      onClose: (code, reason) => this.#loop.feed({ kind: 'socketClosed', generation, code, reason }),
    })
  }

  #requestPermit(generation: number): void {
    this.#permit = new AbortController()
    const { signal } = this.#permit
    const onWait = (why: string) => this.#status.become('waiting', why)
    void this.#options.permits.acquire({ signal, onWait }).then((answer) => {
      if (answer === 'granted') this.#loop.feed({ kind: 'permitGranted', generation })
    })
  }

  #onAcknowledged(caughtUp: boolean): void {
    const sentAt = this.#probes.answered()
    if (sentAt === undefined || !caughtUp || !this.#session) return
    this.#session.progress.probeAnswered(sentAt)
    this.#keeper?.touch()
  }

  #onSessionStarted({ session }: Extract<ShardEffect, { kind: 'sessionStarted' }>): void {
    const readyAt = this.#options.clock.wallAt()
    this.#session = DiscordSessionProgress.started(session, this.#options.shard, readyAt)
    if (this.#gapFrom !== undefined) this.#announceGap(this.#gapFrom, readyAt, session.applicationId)
  }

  #announceGap(from: number, to: number, bot: string): void {
    const { connection, shard, metrics, publish } = this.#options
    const gap = gapEvent({
      platform: 'discord',
      connection,
      shard: shard[0],
      bot,
      from: Math.min(from, to),
      to,
      why: 'session-lost',
      receivedAt: to,
    })
    publish(gap, connection, () => {
      this.#gapFrom = undefined
      metrics.gap(connection)
      this.#keeper?.touch()
    })
  }

  #onSessionLost(why: string): void {
    this.#gapFrom ??= this.#session?.progress.heardAt
    this.#session = undefined
    this.#log('warn', `the session is lost, a gap will be announced: ${why}`)
  }

  #onDispatch(effect: Extract<ShardEffect, { kind: 'dispatch' }>): void {
    const { connection, metrics, wanted, publish } = this.#options
    const type = `discord.${effect.type}`
    const session = this.#session
    const confirm = () => this.#confirm(session, effect.sequence)
    metrics.received('discord', connection, type)
    session?.progress.received(effect.sequence)
    if (wanted && !wanted(type, effect.delivery, connection)) return confirm()
    const reading = this.#read(effect)
    // Here responsibility passes: until `confirm` runs, the session on Discord's side is all that holds the event.
    if (reading.kind === 'event' || reading.kind === 'ephemeral')
      return publish(reading.event, connection, confirm)
    if (reading.kind === 'malformed') this.#onMalformed(reading.problem)
    confirm()
  }

  #read(effect: Extract<ShardEffect, { kind: 'dispatch' }>) {
    const { connection, shard, clock } = this.#options
    return readDiscordDispatch(effect, {
      connection,
      bot: effect.applicationId,
      receivedAt: clock.wallAt(),
      delivery: effect.delivery,
      nonce: `${this.#unit}-${this.#fence}-${++this.#frameCount}`,
      shard: shard[0],
      sessionId: effect.sessionId,
    })
  }

  /** A confirm of a session that was lost meanwhile moves only its own progress, which nobody reads any more. */
  #confirm(session: DiscordSessionProgress | undefined, sequence: number): void {
    if (!session?.progress.confirm(sequence)) return
    this.#loop.feed({
      kind: 'confirmed',
      sessionId: session.sessionId,
      sequence: session.progress.sequence,
    })
    this.#keeper?.touch()
  }

  #onMalformed(problem: string): void {
    this.#options.metrics.malformed(this.#options.connection)
    this.#log('warn', `a frame could not be read, it is left out: ${problem}`)
  }

  #snapshot(): DiscordSession | undefined {
    return this.#gapFrom === undefined ? this.#session?.checkpoint() : undefined
  }

  #onRefused(): void {
    const why =
      'another gateway has taken this shard over (its fencing number is newer): this one lets go of it'
    this.#log('error', why)
    this.#loop.feed({ kind: 'stop', why })
  }

  #log(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    const { connection, shard, log } = this.#options
    log[level]({ connection, shard: shard[0], ...fields }, message)
  }
}

/** How the states of the machine look from outside. */
const STATUS: Readonly<Record<ShardState['kind'], ConnectionStatus['state']>> = {
  idle: 'stopped',
  locating: 'connecting',
  connecting: 'connecting',
  awaitingHello: 'connecting',
  awaitingPermit: 'waiting',
  identifying: 'connecting',
  resuming: 'connecting',
  connected: 'connected',
  backingOff: 'waiting',
  draining: 'waiting',
  drained: 'waiting',
  stopped: 'stopped',
  fatal: 'fatal',
}
