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
import { endsWithin } from '@holdfast/runtime'
import type { ConnectionDriver, ConnectionStatus, DriverTools } from '../ports.ts'
import { MachineLoop } from './machine-loop.ts'
import { RtmEvents } from './rtm-events.ts'
import { callSlack, type SlackAnswer, type SlackApi } from './slack-api.ts'
import { learnSlackBot } from './slack-bot.ts'
import { SocketSlot } from './socket-slot.ts'
import { Unit } from './unit.ts'

/** One bot of one workspace. */
export interface SlackRtmDriverOptions extends DriverTools {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly token: string
  readonly apiUrl: string
}

/** How the states of the machine look from outside. */
const LOOKS: Readonly<Record<RtmState['kind'], ConnectionStatus['state']>> = {
  idle: 'stopped',
  calling: 'connecting',
  connecting: 'connecting',
  awaitingHello: 'connecting',
  connected: 'connected',
  leaving: 'connected',
  closing: 'connected',
  backingOff: 'waiting',
  stopped: 'stopped',
  fatal: 'fatal',
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
  readonly #unit: Unit<RtmState['kind']>
  readonly #slot: SocketSlot<RtmTimer>
  readonly #loop: MachineLoop<RtmState, RtmInput, RtmEffect>
  #errand = new AbortController()
  #stored: SlackRtmPresence | undefined
  /** Once the bot is known, which is before the first socket. */
  #events: RtmEvents | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackRtmDriverOptions) {
    const { connection, apiUrl, token, clock, openSocket } = options
    const feed = (input: RtmInput) => this.#loop.feed(input)
    this.#options = options
    this.#api = { apiUrl, token, fetch: options.fetch }
    this.#unit = new Unit({
      ...options,
      name: { connection },
      looks: LOOKS,
      intervalMs: PRESENCE_INTERVAL_MS,
      snapshot: () => this.#events?.presence(),
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
    // A failed start is told to whoever called start().
    await this.#starting?.catch(() => {})
    this.#errand.abort()
    this.#loop.feed({ kind: 'stop', why: 'told to stop' })
    await this.#slot.closed()
    if (this.#events) await endsWithin(clock, deadlineMs - clock.monotonicMs(), this.#events.settled())
    await this.#unit.release(deadlineMs - clock.monotonicMs())
  }

  #perform(effect: RtmEffect): void {
    switch (effect.kind) {
      case 'transition':
      case 'malformed':
      case 'fatal':
        return this.#unit.report(effect)
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
        return this.#provenUntil(this.#slot.answered())
      case 'closedInTurn':
        return this.#provenUntil(this.#slot.closeSentAt(this.#loop.state.memory.generation))
      case 'connected':
        return this.#events?.connected()
      case 'disconnected':
        return this.#unit.tell(
          'warn',
          `events are missed from now on, a gap will be announced: ${effect.why}`,
        )
      case 'frame':
        return this.#events?.take(effect.text)
      default:
        return effect satisfies never
    }
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
    if (!this.#events) {
      const learned = await learnSlackBot(this.#api, this.#stored, signal)
      if (learned.kind === 'failed') return learned.answer
      this.#events = new RtmEvents({
        ...this.#options,
        bot: learned.bot,
        stored: this.#stored,
        unit: this.#unit,
      })
    }
    return callSlack(this.#api, 'rtm.connect', {}, signal)
  }

  /** Everything that Slack sent before has been received. */
  #provenUntil(at: number | undefined): void {
    if (at !== undefined) this.#events?.caughtUp(at)
  }
}
