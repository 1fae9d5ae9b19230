import {
  heartbeatText,
  type Identity,
  identifyText,
  idleShard,
  readDiscordFrame,
  resumeText,
  type Shard,
  type ShardCommand,
  type ShardEffect,
  type ShardInput,
  type ShardState,
  type ShardTimer,
  stepShard,
} from '@holdfast/protocol'
import { endsWithin } from '@holdfast/runtime'
import type { Arrival, ConnectionDriver, ConnectionStatus, DriverTools } from '../ports.ts'
import { MachineLoop } from './machine-loop.ts'
import type { IdentifyPermits } from './permits.ts'
import { impatient } from './rest-call.ts'
import { type CommandAnswer, ShardCommands } from './shard-commands.ts'
import { ShardDeafness } from './shard-deafness.ts'
import { ShardErrands } from './shard-errands.ts'
import { ShardEvents } from './shard-events.ts'
import type { ShardHearings } from './shard-hearings.ts'
import { SHARD_LOOKS } from './shard-looks.ts'
import { SocketSlot } from './socket-slot.ts'
import { TokenCheck } from './token-check.ts'
import { Unit } from './unit.ts'

/** One shard of one bot. */
export interface DiscordDriverOptions extends DriverTools, Identity {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly apiUrl: string
  readonly shard: Shard
  /** Shared by all shards of the bot. */
  readonly permits: IdentifyPermits
  /** Shared by all shards of the bot. Default: one of its own. */
  readonly tokenCheck?: TokenCheck
  /** Shared by all shards of the connection. Default: one of its own, which has nobody to compare with. */
  readonly hearings?: ShardHearings
}

/** A confirm is in the checkpoint within this time and the time of a write. */
const CHECKPOINT_INTERVAL_MS = 200

/** The driver of a shard, which also sends for workers. */
export interface ShardDriver extends ConnectionDriver {
  /** Resolves when the command was written to a socket of the shard, or never will be: see `ShardCommands`. Never rejects. */
  command(command: ShardCommand): Promise<CommandAnswer>
}

/** One shard of a Discord bot: the world of `stepShard`. It decides nothing. */
export function createDiscordDriver(options: DiscordDriverOptions): ShardDriver {
  return new DiscordDriver(options)
}

class DiscordDriver implements ShardDriver {
  readonly #options: DiscordDriverOptions
  readonly #unit: Unit<ShardState['kind']>
  readonly #events: ShardEvents
  readonly #deafness: ShardDeafness
  readonly #commands: ShardCommands
  readonly #errands: ShardErrands
  readonly #tokenCheck: TokenCheck
  readonly #slot: SocketSlot<ShardTimer>
  readonly #loop: MachineLoop<ShardState, ShardInput, ShardEffect>
  #onDrained: () => void = () => {}
  #unwatch: () => void = () => {}
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: DiscordDriverOptions) {
    const { connection, shard, apiUrl, token, clock, openSocket } = options
    const feed = (input: ShardInput) => this.#loop.feed(input)
    this.#options = options
    this.#unit = new Unit({
      ...options,
      name: { connection, shard: shard[0] },
      looks: (entered) => SHARD_LOOKS[entered],
      intervalMs: CHECKPOINT_INTERVAL_MS,
      snapshot: () => this.#events.checkpoint(),
      held: () => this.#events.mark(),
      onTaken: (why) => feed({ kind: 'stop', why }),
    })
    this.#events = new ShardEvents({
      ...options,
      unit: this.#unit,
      onConfirmed: (sessionId, sequence) => feed({ kind: 'confirmed', sessionId, sequence }),
    })
    this.#deafness = new ShardDeafness({ ...options, unit: this.#unit, feed })
    this.#slot = new SocketSlot({
      clock,
      openSocket,
      feed,
      onText: (text, generation) => feed({ kind: 'frame', generation, frame: readDiscordFrame(text) }),
    })
    const api = { apiUrl, token, fetch: impatient(options.fetch, clock) }
    this.#tokenCheck = options.tokenCheck ?? new TokenCheck(api, clock)
    this.#errands = new ShardErrands({
      api,
      shard,
      permits: options.permits,
      feed,
      onWait: (why) => this.#unit.waits(why),
      isOurs: () => this.#isOurs(),
    })
    const send = (text: string) => this.#slot.send(text)
    this.#commands = new ShardCommands({ clock, send, presence: options.presence })
    this.#loop = new MachineLoop(stepShard, idleShard(shard), clock, (effect) => this.#perform(effect))
  }

  start(fence: number): Promise<void> {
    this.#starting ??= this.#begin(fence)
    return this.#starting
  }

  /**
   * Nothing of the session may be touched while its holder lives: what can be known beforehand is whether Discord takes the
   * token. Whether it answers at all is not asked of it, for the holder may have to go whatever becomes of the REST API.
   */
  async arrive(): Promise<Arrival> {
    const why = await this.#tokenCheck.refusal()
    return why === undefined ? { kind: 'arrived' } : { kind: 'failed', why }
  }

  proceed(): void {}

  own(fence: number): Promise<void> {
    return this.start(fence)
  }

  async yield(graceMs: number): Promise<'closed'> {
    await this.stop(graceMs)
    return 'closed'
  }

  serveOn(): void {}

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#finish(graceMs)
    return this.#stopping
  }

  status(): ConnectionStatus {
    const { session } = this.#loop.state.memory
    return {
      platform: 'discord',
      transport: 'gateway',
      ...this.#unit.status(),
      ...(session && { sequence: { received: session.received, confirmed: session.confirmed } }),
    }
  }

  command(command: ShardCommand): Promise<CommandAnswer> {
    return this.#commands.offer(command)
  }

  /** A permit is spent for good, and an identify beside the unit's new holder would double every event until it is told. */
  async #isOurs(): Promise<boolean> {
    const ours = (await this.#options.isOurs?.()) ?? true
    if (!ours) this.#unit.refused()
    return ours
  }

  async #begin(fence: number): Promise<void> {
    const stored = await this.#unit.hold(fence)
    if (this.#stopping) return
    const session = stored?.kind === 'discord' ? stored : undefined
    this.#deafness.begin()
    this.#tellRoom()
    this.#unwatch = this.#options.room?.watch(() => this.#tellRoom()) ?? this.#unwatch
    if (session) this.#events.restore(session)
    this.#loop.feed({ kind: 'start', intents: this.#options.intents, ...(session && { session }) })
    if (!this.#loop.state.memory.session) this.#errands.announce()
  }

  /** The checkpoint is written before the socket closes, so that whoever comes next resumes from here. */
  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    // A failed start is told to whoever called start().
    await this.#starting?.catch(() => {})
    this.#errands.stop()
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
      this.#loop.feed({ kind: 'drain', graceMs })
    })
    // What the journal holds counted for the machine; whoever comes next may be on another disk.
    const settled = Promise.race([this.#events.settled(), this.#unit.lost()])
    const leftMs = deadlineMs - clock.monotonicMs()
    if (leftMs > 0) await endsWithin(clock, leftMs, settled)
    await this.#unit.release(deadlineMs - clock.monotonicMs())
    this.#loop.feed({ kind: 'stop', why: 'told to stop' })
    this.#unwatch()
    this.#deafness.stop()
    await this.#slot.closed()
  }

  #tellRoom(): void {
    this.#loop.feed({ kind: 'room', full: this.#options.room?.full ?? false })
  }

  #perform(effect: ShardEffect): void {
    switch (effect.kind) {
      case 'transition':
        this.#onTransition(effect)
        return this.#unit.report(effect)
      case 'malformed':
      case 'fatal':
        return this.#unit.report(effect)
      case 'locate':
        return this.#errands.locate(effect.generation)
      case 'openSocket':
        this.#commands.opened()
        return this.#slot.perform(effect)
      case 'closeSocket':
      case 'terminateSocket':
      case 'setTimer':
      case 'clearTimers':
        return this.#slot.perform(effect)
      case 'requestPermit':
        return this.#errands.requestPermit(effect.generation)
      case 'cancelPermit':
        return this.#errands.cancelPermit()
      case 'askRoom':
        return this.#tellRoom()
      case 'identify':
        return this.#identify()
      case 'resume':
        return this.#send(resumeText(this.#options.token, effect.sessionId, effect.sequence))
      case 'heartbeat':
        this.#commands.count()
        return this.#slot.probe(heartbeatText(effect.sequence))
      case 'heartbeatAcknowledged':
        return this.#onAcknowledged(effect.caughtUp)
      case 'sessionStarted':
        this.#commands.begun()
        return this.#events.begin(effect.session)
      case 'sessionResumed':
        return this.#commands.resumed()
      case 'ousted':
        return this.#options.onOusted?.()
      case 'sessionLost':
        return this.#onSessionLost(effect)
      case 'dispatch':
        this.#deafness.heard(effect.type)
        return this.#events.take(effect)
      case 'drained':
        return this.#onDrained()
      default:
        return effect satisfies never
    }
  }

  #onTransition({ to, why }: Extract<ShardEffect, { kind: 'transition' }>): void {
    const { state } = this.#loop
    this.#errands.moved(to)
    this.#deafness.moved(to)
    if (state.kind === 'connected') this.#commands.go(state.heartbeat.intervalMs)
    else if (to === 'stopped' || to === 'fatal') this.#commands.end(why)
    else this.#commands.pause()
  }

  #identify(): void {
    const { connection, metrics } = this.#options
    this.#send(identifyText({ ...this.#options, ...this.#commands.shown }))
    metrics.identified(connection)
  }

  /** What opens a session: it never waits, but it counts. */
  #send(text: string): void {
    this.#commands.count()
    this.#slot.send(text)
  }

  #onAcknowledged(caughtUp: boolean): void {
    const sentMs = this.#slot.answered()
    if (caughtUp && sentMs !== undefined) this.#events.caughtUp(sentMs)
  }

  #onSessionLost({ why, deaf }: Extract<ShardEffect, { kind: 'sessionLost' }>): void {
    this.#events.lose(deaf && this.#deafness.silentSinceMs)
    this.#unit.tell('warn', `the session is lost, a gap will be announced: ${why}`)
  }
}
