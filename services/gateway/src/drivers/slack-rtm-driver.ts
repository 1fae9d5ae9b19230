import { gapEvent, readSlackRtmFrame } from '@holdfast/events'
import type { SlackRtmPresence } from '@holdfast/ownership'
import {
  idleRtm,
  pingText,
  type RtmEffect,
  type RtmInput,
  type RtmState,
  type RtmTimer,
  readRtmFrame,
  stepRtm,
} from '@holdfast/protocol'
import { sleep } from '@holdfast/runtime'
import type { ConnectionDriver, ConnectionStatus } from '../ports.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { DriverDeps } from './driver.ts'
import { MachineLoop } from './machine-loop.ts'
import { Probes } from './probes.ts'
import { Progress } from './progress.ts'
import { callSlack, type SlackAnswer, type SlackApi } from './slack-api.ts'
import { isSameBot, learnSlackBot, type SlackBot } from './slack-bot.ts'
import { type OpenSocket, type Socket, webSockets } from './socket.ts'
import { Timers } from './timers.ts'
import { UnitStatus } from './unit-status.ts'

export interface SlackRtmDriverOptions extends DriverDeps {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly token: string
  readonly apiUrl: string
}

/** How often the presence is stored while it moves. */
const PRESENCE_INTERVAL_MS = 1_000

/**
 * One bot over Slack RTM: the world of `stepRtm`. RTM repeats nothing, so the driver keeps until when it has seen
 * everything, and announces each time without a socket, restarts included, as a gap before the frames that follow.
 */
export function createSlackRtmDriver(options: SlackRtmDriverOptions): ConnectionDriver {
  return new SlackRtmDriver(options)
}

class SlackRtmDriver implements ConnectionDriver {
  readonly #options: SlackRtmDriverOptions
  readonly #api: SlackApi
  readonly #openSocket: OpenSocket
  readonly #loop: MachineLoop<RtmState, RtmInput, RtmEffect>
  readonly #timers: Timers<RtmTimer>
  readonly #probes: Probes
  readonly #status: UnitStatus
  #socket: Socket | undefined
  #errand = new AbortController()
  #keeper: CheckpointKeeper | undefined
  #stored: SlackRtmPresence | undefined
  #bot: SlackBot | undefined
  /** From the first hello ever on. Its sequences are our own count of what came. */
  #progress: Progress | undefined
  #onSettled: () => void = () => {}
  #fence = 0
  #frameCount = 0
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackRtmDriverOptions) {
    const { connection, apiUrl, token, clock, metrics } = options
    this.#options = options
    this.#api = { apiUrl, token, fetch: options.fetch ?? fetch }
    this.#openSocket = options.openSocket ?? webSockets(clock)
    this.#timers = new Timers(clock)
    this.#probes = new Probes(clock)
    this.#status = new UnitStatus({ connection }, clock, metrics)
    this.#loop = new MachineLoop(stepRtm, idleRtm, clock, (effect) => this.#perform(effect))
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
    return {
      connection: this.#options.connection,
      platform: 'slack',
      transport: 'rtm',
      ...this.#status.read(),
    }
  }

  async #begin(): Promise<void> {
    const { checkpoints, connection, clock } = this.#options
    this.#fence = await checkpoints.fence(connection)
    const stored = await checkpoints.load(connection)
    if (this.#stopping) return
    this.#stored = stored?.kind === 'slack-rtm' ? stored : undefined
    this.#keeper = new CheckpointKeeper({
      store: checkpoints,
      unit: connection,
      fence: this.#fence,
      clock,
      intervalMs: PRESENCE_INTERVAL_MS,
      snapshot: () => this.#snapshot(),
      onRefused: () => this.#onRefused(),
      onFailed: () => this.#log('warn', 'the checkpoint could not be written; it is tried again'),
    })
    this.#loop.feed({ kind: 'start' })
  }

  /** The socket closes first: what is posted from here on belongs to the gap that the next one announces. */
  async #finish(graceMs: number): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#errand.abort()
    this.#loop.feed({ kind: 'stop', why: 'told to stop' })
    await this.#within(
      graceMs,
      this.#settled().then(() => this.#keeper?.flush()),
    )
    this.#keeper?.stop()
    await this.#socket?.closed
  }

  #settled(): Promise<void> {
    if (!this.#progress || this.#progress.settled) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    const done = new AbortController()
    await Promise.race([work.finally(() => done.abort()), sleep(this.#options.clock, ms, done.signal)])
  }

  #perform(effect: RtmEffect): void {
    switch (effect.kind) {
      case 'transition':
        return this.#onTransition(effect)
      case 'callConnect':
        return this.#call(effect.generation)
      case 'openSocket':
        return this.#open(effect.url, effect.generation)
      case 'closeSocket':
        return this.#socket?.close(effect.code)
      case 'terminateSocket':
        return this.#socket?.terminate()
      case 'ping':
        this.#probes.sent()
        return this.#socket?.send(pingText(effect.id))
      case 'pong':
        return this.#onPong()
      case 'setTimer':
        return this.#timers.set(effect.timer, effect.ms, () => this.#loop.feed({ ...effect, kind: 'timer' }))
      case 'clearTimers':
        return this.#timers.clear()
      case 'connected':
        return this.#onConnected()
      case 'disconnected':
        return this.#log('warn', `events are missed from now on, a gap will be announced: ${effect.why}`)
      case 'frame':
        return this.#onFrame(effect.text)
      case 'malformed':
        return this.#onMalformed(effect.problem)
      case 'fatal':
        return this.#log('error', effect.why)
      default:
        return effect satisfies never
    }
  }

  #onTransition({ from, to, why }: Extract<RtmEffect, { kind: 'transition' }>): void {
    this.#status.become(STATUS[to], to === 'connected' ? undefined : why)
    this.#log('info', why, { from, to })
  }

  #call(generation: number): void {
    this.#errand.abort()
    this.#errand = new AbortController()
    void this.#askForAddress(this.#errand.signal).then((answer) => {
      if (!answer.ok) return this.#loop.feed({ ...answer, kind: 'addressRefused', generation })
      const { url } = answer.body
      if (typeof url === 'string') this.#loop.feed({ kind: 'addressGiven', generation, url })
      else this.#loop.feed({ kind: 'addressRefused', generation, error: 'no_url' })
    })
  }

  async #askForAddress(signal: AbortSignal): Promise<SlackAnswer> {
    if (!this.#bot) {
      const learned = await learnSlackBot(this.#api, this.#stored, signal)
      if (learned.kind === 'failed') return learned.answer
      this.#bot = learned.bot
    }
    return callSlack(this.#api, 'rtm.connect', {}, signal)
  }

  #open(url: string, generation: number): void {
    this.#probes.reset()
    this.#socket = this.#openSocket(url, {
      onOpen: () => this.#loop.feed({ kind: 'socketOpened', generation }),
      onText: (text) => this.#loop.feed({ kind: 'frame', generation, frame: readRtmFrame(text), text }),
      onClose: (code, reason) => this.#loop.feed({ kind: 'socketClosed', generation, code, reason }),
    })
  }

  /** Every hello but the first ever ends a time without a socket. */
  #onConnected(): void {
    const bot = this.#bot
    if (!bot) return
    const helloAt = this.#options.clock.wallAt()
    const from = this.#progress?.heardAt ?? this.#lastSeenAt(bot)
    this.#progress ??= new Progress(0, from ?? helloAt)
    if (from !== undefined) this.#announceGap(bot, from, helloAt)
    this.#keeper?.touch()
  }

  /** Until when an earlier run had seen everything; nothing where the token now belongs to another bot. */
  #lastSeenAt(bot: SlackBot): number | undefined {
    return this.#stored && isSameBot(this.#stored, bot) ? this.#stored.caughtUpAt : undefined
  }

  #announceGap(bot: SlackBot, from: number, to: number): void {
    const { connection, metrics } = this.#options
    const gap = gapEvent({
      platform: 'slack',
      connection,
      bot: nameOf(bot),
      workspace: bot.teamId,
      from: Math.min(from, to),
      to,
      why: 'rtm-disconnected',
      receivedAt: to,
    })
    this.#publish(gap, () => metrics.gap(connection))
  }

  #onFrame(text: string): void {
    const { connection, metrics, clock } = this.#options
    const bot = this.#bot
    if (!bot) return
    const reading = readSlackRtmFrame(text, {
      connection,
      bot: nameOf(bot),
      teamId: bot.teamId,
      receivedAt: clock.wallAt(),
      delivery: 'live',
      nonce: `${connection}-${this.#fence}-${++this.#frameCount}`,
    })
    if (reading.kind === 'malformed') return this.#onMalformed(reading.problem)
    if (reading.kind === 'not-event') return
    metrics.received('slack', connection, reading.event.type)
    this.#publish(reading.event)
  }

  /** Gaps take their place in the count too: the presence moves past one only when it is confirmed. */
  #publish(event: Parameters<SlackRtmDriverOptions['publish']>[0], onConfirmed?: () => void): void {
    const progress = this.#progress
    const sequence = progress?.receivedNext()
    // Here responsibility passes: until the confirm, the event lives in this process alone.
    this.#options.publish(event, this.#options.connection, () => {
      onConfirmed?.()
      if (sequence !== undefined && progress?.confirm(sequence)) this.#onProgress(progress)
    })
  }

  #onPong(): void {
    const sentAt = this.#probes.answered()
    if (sentAt === undefined || !this.#progress) return
    this.#progress.probeAnswered(sentAt)
    this.#onProgress(this.#progress)
  }

  #onProgress(progress: Progress): void {
    this.#keeper?.touch()
    if (progress.settled) this.#onSettled()
  }

  #onMalformed(problem: string): void {
    this.#options.metrics.malformed(this.#options.connection)
    this.#log('warn', `a frame could not be read, it is left out: ${problem}`)
  }

  #snapshot(): SlackRtmPresence | undefined {
    if (!this.#bot || !this.#progress) return undefined
    return { kind: 'slack-rtm', ...this.#bot, caughtUpAt: this.#progress.confirmedAt }
  }

  #onRefused(): void {
    const why =
      'another gateway has taken this connection over (its fencing number is newer): this one lets go of it'
    this.#log('error', why)
    this.#loop.feed({ kind: 'stop', why })
  }

  #log(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    const { connection, log } = this.#options
    log[level]({ connection, ...fields }, message)
  }
}

function nameOf({ appId, botUserId }: SlackBot): string {
  return appId ?? botUserId
}

/** How the states of the machine look from outside. */
const STATUS: Readonly<Record<RtmState['kind'], ConnectionStatus['state']>> = {
  idle: 'stopped',
  calling: 'connecting',
  connecting: 'connecting',
  awaitingHello: 'connecting',
  connected: 'connected',
  leaving: 'connected',
  backingOff: 'waiting',
  stopped: 'stopped',
  fatal: 'fatal',
}
