import type { SlackRtmPresence } from '@holdfast/ownership'
import { type LinkState, readRtmFrame } from '@holdfast/protocol'
import { endsWithin } from '@holdfast/runtime'
import type { Arrival, ConnectionDriver, ConnectionStatus, DriverTools } from '../ports.ts'
import { RtmCommands } from './rtm-commands.ts'
import { RtmEvents } from './rtm-events.ts'
import { SlackAddresses } from './slack-addresses.ts'
import type { SlackAnswer, SlackApi } from './slack-api.ts'
import { learnSlackBot } from './slack-bot.ts'
import { type LinkNews, SlackLink } from './slack-link.ts'
import { Unit } from './unit.ts'

/** One bot of one workspace. */
export interface SlackRtmDriverOptions extends DriverTools {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly token: string
  readonly apiUrl: string
}

/** A driver over which something can be said as well. */
export interface SlackRtmDriver extends ConnectionDriver {
  readonly commands: Pick<RtmCommands, 'run'>
}

/** How often the presence is stored while it moves. */
const PRESENCE_INTERVAL_MS = 1_000
/**
 * Tier 1: one a minute, and "a small amount of burst". https://docs.slack.dev/apis/web-api/rate-limits
 * How small, Slack does not say; where it allows less than this, its Retry-After makes us wait as long as we would have.
 * Slack counts from when a call arrives. The first of a process is longer on its way than those after it, and one that comes
 * a moment too soon costs another minute: hence a second more.
 */
const CONNECT_RATE = { burst: 4, everyMs: 61_000 }

/**
 * One bot over Slack RTM: one link. RTM repeats nothing, so the driver keeps until when it has seen everything, and
 * announces each time without a socket, restarts included, as a gap before the frames that follow. A hand-over from one
 * socket to the next is no such time.
 */
export function createSlackRtmDriver(options: SlackRtmDriverOptions): SlackRtmDriver {
  return new RtmDriver(options)
}

class RtmDriver implements SlackRtmDriver {
  readonly #options: SlackRtmDriverOptions
  readonly #api: SlackApi
  readonly #addresses: SlackAddresses
  readonly #unit: Unit<LinkState['kind']>
  readonly #link: SlackLink
  readonly commands: RtmCommands
  #stored: SlackRtmPresence | undefined
  /** Once the bot is known, which is before the first socket. */
  #events: RtmEvents | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackRtmDriverOptions) {
    const { connection, apiUrl, token, clock, budget, openSocket } = options
    this.#options = options
    this.#api = { apiUrl, token, fetch: options.fetch }
    this.#addresses = new SlackAddresses({
      api: this.#api,
      method: 'rtm.connect',
      rate: CONNECT_RATE,
      budget,
    })
    this.#unit = new Unit({
      ...options,
      name: { connection },
      looks: () => this.#link.look,
      intervalMs: PRESENCE_INTERVAL_MS,
      snapshot: () => this.#events?.presence(),
      onTaken: (why) => this.#link.stop(why),
    })
    this.#link = new SlackLink({
      transport: 'rtm',
      clock,
      openSocket,
      read: readRtmFrame,
      askForAddress: (signal) => this.#askForAddress(signal),
      onNews: (news) => this.#onNews(news),
    })
    this.commands = new RtmCommands({
      clock,
      socket: () => this.#link.serving,
      send: (text, generation) => this.#link.send(text, generation),
    })
  }

  start(fence: number): Promise<void> {
    this.#starting ??= this.#begin(fence)
    return this.#starting
  }

  async arrive(): Promise<Arrival> {
    return { kind: 'arrived' }
  }

  proceed(): void {}

  own(fence: number): Promise<void> {
    return this.start(fence)
  }

  async yield(graceMs: number): Promise<'closed'> {
    await this.stop(graceMs)
    return 'closed'
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#finish(graceMs)
    return this.#stopping
  }

  status(): ConnectionStatus {
    return { platform: 'slack', transport: 'rtm', ...this.#unit.status() }
  }

  async #begin(fence: number): Promise<void> {
    const stored = await this.#unit.hold(fence)
    if (this.#stopping) return
    this.#stored = stored?.kind === 'slack-rtm' ? stored : undefined
    this.#link.start()
  }

  /** The socket closes first: what is posted from here on belongs to the gap that the next one announces. */
  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    // A failed start is told to whoever called start().
    await this.#starting?.catch(() => {})
    this.#link.stop('told to stop')
    await this.#link.closed()
    this.commands.stop()
    if (this.#events) await endsWithin(clock, deadlineMs - clock.monotonicMs(), this.#events.settled())
    await this.#unit.release(deadlineMs - clock.monotonicMs())
  }

  #onNews(news: LinkNews): void {
    switch (news.kind) {
      case 'transition':
      case 'malformed':
      case 'fatal':
        return this.#unit.report(news)
      case 'connected':
        this.#events?.connected()
        return this.commands.opened()
      case 'handedOver':
        // Every event came on one socket or the other: no gap.
        return this.commands.opened()
      case 'disconnected':
        return this.#unit.tell('warn', `events may be missed, a gap will be announced: ${news.why}`)
      case 'caughtUp':
        return this.#events?.caughtUp(news.sentAt)
      case 'frame':
        return this.#events?.take(news.text)
      case 'reply':
        return this.commands.replied(news.frame)
      case 'socketClosed':
        return this.commands.closed(news.generation)
      case 'drain':
        return this.#link.drained(news.generation)
      case 'hello':
      case 'heard':
        return
      default:
        return news satisfies never
    }
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
    return this.#addresses.ask(signal)
  }
}
