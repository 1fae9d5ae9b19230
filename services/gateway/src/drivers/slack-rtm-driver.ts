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
import type { ConnectionDriver, ConnectionStatus } from '../ports.ts'
import type { DriverDeps } from './driver.ts'
import { MachineLoop } from './machine-loop.ts'
import { Progress } from './progress.ts'
import { callSlack, type SlackAnswer, type SlackApi } from './slack-api.ts'
import { isSameBot, learnSlackBot, type SlackBot } from './slack-bot.ts'
import { SocketSlot } from './socket-slot.ts'
import { Unit, within } from './unit.ts'

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
  readonly #unit: Unit
  readonly #slot: SocketSlot<RtmTimer>
  readonly #loop: MachineLoop<RtmState, RtmInput, RtmEffect>
  #errand = new AbortController()
  #stored: SlackRtmPresence | undefined
  #bot: SlackBot | undefined
  /** From the first hello on. Its sequences are our own count of what came. */
  #progress: Progress | undefined
  #onSettled: () => void = () => {}
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackRtmDriverOptions) {
    const { connection, apiUrl, token, clock, openSocket } = options
    const feed = (input: RtmInput) => this.#loop.feed(input)
    this.#options = options
    this.#api = { apiUrl, token, fetch: options.fetch ?? fetch }
    this.#unit = new Unit({ connection }, options, {
      intervalMs: PRESENCE_INTERVAL_MS,
      snapshot: () => this.#snapshot(),
      onTaken: (why) => feed({ kind: 'stop', why }),
    })
    this.#slot = new SocketSlot({
      clock,
      openSocket,
      feed,
      onText: (text, generation) => feed({ kind: 'frame', generation, frame: readRtmFrame(text), text }),
    })
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
    return { platform: 'slack', transport: 'rtm', ...this.#unit.status() }
  }

  async #begin(): Promise<void> {
    const stored = await this.#unit.take()
    if (this.#stopping) return
    this.#stored = stored?.kind === 'slack-rtm' ? stored : undefined
    this.#loop.feed({ kind: 'start' })
  }

  /** The socket closes first: what is posted from here on belongs to the gap that the next one announces. */
  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    await this.#starting?.catch(() => {})
    this.#errand.abort()
    this.#loop.feed({ kind: 'stop', why: 'told to stop' })
    await within(clock, graceMs, this.#settled())
    await this.#unit.release(deadlineMs - clock.monotonicMs())
    await this.#slot.closed()
  }

  #settled(): Promise<void> {
    if (!this.#progress || this.#progress.settled) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }

  #perform(effect: RtmEffect): void {
    switch (effect.kind) {
      case 'transition':
        return this.#onTransition(effect)
      case 'callConnect':
        return this.#call(effect.generation)
      case 'openSocket':
      case 'closeSocket':
      case 'terminateSocket':
      case 'setTimer':
      case 'clearTimers':
        return this.#slot.perform(effect)
      case 'ping':
        return this.#slot.probe(pingText(effect.id))
      case 'pong':
        return this.#onPong()
      case 'connected':
        return this.#onConnected()
      case 'disconnected':
        return this.#unit.tell(
          'warn',
          `events are missed from now on, a gap will be announced: ${effect.why}`,
        )
      case 'frame':
        return this.#onFrame(effect.text)
      case 'malformed':
        return this.#unit.malformed(effect.problem)
      case 'fatal':
        return this.#unit.tell('error', effect.why)
      default:
        return effect satisfies never
    }
  }

  #onTransition({ from, to, why }: Extract<RtmEffect, { kind: 'transition' }>): void {
    this.#unit.become(STATUS[to], to === 'connected' ? undefined : why)
    this.#unit.tell('info', why, { from, to })
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

  /** Every hello but the first ever ends a time without a socket. */
  #onConnected(): void {
    const bot = this.#bot
    if (!bot) return
    const helloAt = this.#options.clock.wallAt()
    const from = this.#progress?.heardAt ?? this.#lastSeenAt(bot)
    this.#progress ??= new Progress(0, from ?? helloAt)
    if (from !== undefined) this.#announceGap(bot, from, helloAt)
    this.#unit.touch()
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
      nonce: this.#unit.nextNonce(),
    })
    if (reading.kind === 'malformed') return this.#unit.malformed(reading.problem)
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
    const sentAt = this.#slot.answered()
    if (sentAt === undefined || !this.#progress) return
    this.#progress.probeAnswered(sentAt)
    this.#onProgress(this.#progress)
  }

  #onProgress(progress: Progress): void {
    this.#unit.touch()
    if (progress.settled) this.#onSettled()
  }

  #snapshot(): SlackRtmPresence | undefined {
    if (!this.#bot || !this.#progress) return undefined
    return { kind: 'slack-rtm', ...this.#bot, caughtUpAt: this.#progress.confirmedAt }
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
