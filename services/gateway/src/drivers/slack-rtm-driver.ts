import type { SlackRtmPresence } from '@holdfast/ownership'
import { type LinkState, readRtmFrame } from '@holdfast/protocol'
import { endsWithin } from '@holdfast/runtime'
import type { Arrival, ConnectionDriver, ConnectionStatus, DriverTools } from '../ports.ts'
import { impatient } from './rest-call.ts'
import { presenceOf, RtmArrival } from './rtm-arrival.ts'
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
/** How long a successor waits for the proof that we have everything, before it announces a gap instead. */
const PROOF_MS = 2_000
const PROOF_EVERY_MS = 500
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
  /** How it came to serve beside another that serves the unit still, until it is ours. */
  #arriving: RtmArrival | undefined
  #stored: SlackRtmPresence | undefined
  /** Once the bot is known, which is before the first socket. */
  #events: RtmEvents | undefined
  /** It closes its socket for good. */
  #isEnding = false
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackRtmDriverOptions) {
    const { connection, apiUrl, token, clock, budget, openSocket } = options
    this.#options = options
    this.#api = { apiUrl, token, fetch: impatient(options.fetch, clock) }
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
      held: () => this.#events?.mark(),
      onTaken: (why) => this.#end(why),
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

  arrive(fence: number): Promise<Arrival> {
    this.#unit.accompany(fence)
    const arriving = new RtmArrival(this.#unit)
    this.#arriving = arriving
    void this.#prepare(arriving)
    return arriving.ended
  }

  proceed(): void {
    this.#arriving?.proceed()
    this.#events?.proceed()
  }

  own(fence: number): Promise<void> {
    this.#starting ??= this.#arriving ? this.#succeed(fence, this.#arriving) : this.#begin(fence)
    return this.#starting
  }

  /** What is posted from here on comes on the successor's socket too. */
  async yield(graceMs: number): Promise<'serving'> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    this.#unit.yielded()
    const isHeard = await this.#hearsAll(Math.min(PROOF_MS, graceMs))
    const settled = this.#events?.settled() ?? Promise.resolve()
    const isWhole = isHeard && (await endsWithin(clock, deadlineMs - clock.monotonicMs(), settled))
    if (!isWhole && !this.#stopping)
      this.#unit.tell('warn', 'it yields without proof that it has everything: its successor announces a gap')
    this.#events?.yielded(isWhole)
    await this.#unit.write(deadlineMs - clock.monotonicMs())
    return 'serving'
  }

  serveOn(): void {
    this.#unit.servesOn()
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#finish(graceMs)
    return this.#stopping
  }

  status(): ConnectionStatus {
    const status = { platform: 'slack', transport: 'rtm', ...this.#unit.status() } as const
    const besides = status.state === 'connected' && this.#arriving ? this.#besides() : undefined
    return besides === undefined ? status : { ...status, why: besides }
  }

  async #begin(fence: number): Promise<void> {
    const stored = await this.#unit.hold(fence)
    if (this.#stopping) return
    this.#stored = presenceOf(stored)
    this.#link.start()
  }

  /** The checkpoint is read, not held: until the unit is ours it is the holder's to write. */
  async #prepare(arriving: RtmArrival): Promise<void> {
    const stored = await arriving.recall()
    if (this.#stopping || this.#starting) return
    this.#stored = presenceOf(stored)
    this.#link.start()
  }

  async #succeed(fence: number, arriving: RtmArrival): Promise<void> {
    const stored = presenceOf(await this.#unit.hold(fence))
    if (this.#stopping) return
    this.#arriving = undefined
    this.#stored = stored
    arriving.end({ kind: 'arrived' })
    this.#events?.own(stored, arriving.isWhole(stored))
    this.#link.start()
  }

  /** Whether everything that was posted until now has come. */
  async #hearsAll(withinMs: number): Promise<boolean> {
    const { clock } = this.#options
    const proofs: Promise<boolean>[] = []
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += PROOF_EVERY_MS) {
      // A socket that has just taken over answers only once the one before it is gone.
      proofs.push(this.#link.prove())
      const isHeard = Promise.race(proofs)
      if (await endsWithin(clock, PROOF_EVERY_MS, isHeard)) return isHeard
    }
    return false
  }

  #besides(): string {
    if (this.#arriving?.hasProceeded) return 'connected beside the holder, which has yielded'
    return `connected beside the holder, holds back ${this.#events?.heldCount ?? 0} frames`
  }

  /** The socket closes first: what is posted from here on belongs to the gap that the next one announces. */
  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    // A failed start is told to whoever called start().
    this.#arriving?.giveUp()
    await this.#starting?.catch(() => {})
    this.#end('told to stop')
    await this.#link.closed()
    this.commands.stop()
    this.#events?.stop()
    const arriving = this.#arriving
    // Beside the holder nothing is ours to confirm, and what a successor has taken over never will be here.
    if (this.#events && !arriving) {
      const settled = Promise.race([this.#events.settled(), this.#unit.lost()])
      await endsWithin(clock, deadlineMs - clock.monotonicMs(), settled)
    }
    await this.#unit.release(deadlineMs - clock.monotonicMs())
  }

  #onNews(news: LinkNews): void {
    switch (news.kind) {
      case 'transition':
      case 'malformed':
        return this.#unit.report(news)
      case 'fatal':
        this.#arriving?.end({ kind: 'failed', why: news.why })
        return this.#unit.report(news)
      case 'connected':
        this.#events?.connected()
        void this.#arriving?.greeted()
        return this.commands.opened()
      case 'handedOver':
        // Every event came on one socket or the other: no gap.
        return this.commands.opened()
      case 'disconnected':
        return this.#onDisconnected(news.why)
      case 'caughtUp':
        return this.#events?.caughtUp(news.sentMs)
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

  #end(why: string): void {
    this.#isEnding = true
    this.#link.stop(why)
  }

  #onDisconnected(why: string): void {
    if (this.#arriving) this.#unit.tell('info', `the holder serves on alone: ${why}`)
    else if (this.#isEnding && this.#unit.hasYielded) this.#unit.tell('info', `its successor goes on: ${why}`)
    else this.#unit.tell('warn', `events may be missed, a gap will be announced: ${why}`)
  }

  async #askForAddress(signal: AbortSignal): Promise<SlackAnswer> {
    if (!this.#events) {
      const learned = await learnSlackBot(this.#api, this.#stored, signal)
      if (learned.kind === 'failed') return learned.answer
      this.#events = new RtmEvents({
        ...this.#options,
        bot: learned.bot,
        stored: this.#stored,
        beside: this.#arriving !== undefined,
        unit: this.#unit,
      })
    }
    return this.#addresses.ask(signal)
  }
}
