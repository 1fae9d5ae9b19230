import type { Checkpoint, SlackSocketPresence } from '@holdfast/ownership'
import type { LinkState } from '@holdfast/protocol'
import { endsWithin } from '@holdfast/runtime'
import type { Arrival, ConnectionDriver, ConnectionStatus, DriverTools } from '../ports.ts'
import { Acknowledgements, type Sighting } from './acknowledgements.ts'
import { impatient } from './rest-call.ts'
import { SlackAddresses } from './slack-addresses.ts'
import type { SlackAnswer, SlackApi } from './slack-api.ts'
import { learnSlackTeam, type SlackTeamAnswer } from './slack-bot.ts'
import type { LinkNews } from './slack-link.ts'
import { SocketModeArrival } from './socket-mode-arrival.ts'
import { SocketModeEvents } from './socket-mode-events.ts'
import { SocketModeLinks, type Standing } from './socket-mode-links.ts'
import { Unit } from './unit.ts'

/** One app of one workspace. */
export interface SlackSocketModeDriverOptions extends DriverTools {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly appToken: string
  readonly botToken: string
  readonly apiUrl: string
  /** How many sockets are kept open. */
  readonly sockets: number
}

type NewsOf<Kind extends LinkNews['kind']> = Extract<LinkNews, { kind: Kind }>

/** How often the presence is stored while it moves: a gap is told in minutes. */
const PRESENCE_INTERVAL_MS = 5_000
/**
 * Slack's own sources differ on the tier; ten sockets may be open at once, so ten calls in a row must pass. Each socket may
 * be opened and replaced at once; later calls are as rare as those of a link in trouble, which backs off by itself.
 */
const openRate = (sockets: number) => ({ burst: Math.max(10, 2 * sockets + 2), everyMs: 30_000 })

/**
 * One app over Slack's Socket Mode: several links, since each envelope comes on any one of them and one socket may always
 * be gone. What is not acknowledged Slack delivers again, so nothing is missed while none is open, up to some minutes.
 */
export function createSlackSocketModeDriver(options: SlackSocketModeDriverOptions): ConnectionDriver {
  return new SocketModeDriver(options)
}

class SocketModeDriver implements ConnectionDriver {
  readonly #options: SlackSocketModeDriverOptions
  readonly #bot: SlackApi
  readonly #addresses: SlackAddresses
  readonly #unit: Unit<LinkState['kind']>
  readonly #links: SocketModeLinks
  readonly #acknowledgements: Acknowledgements
  /** While it stands beside another that serves the unit still. */
  #arriving: SocketModeArrival | undefined
  #stored: SlackSocketPresence | undefined
  /** Once the workspace is known, which is before the first socket. */
  #events: SocketModeEvents | undefined
  #learning: Promise<SlackTeamAnswer> | undefined
  /** The time to wait for confirms is over: sockets close as they are. */
  #isOutOfTime = false
  /** Another gateway holds the unit now. */
  #isTaken = false
  /** How many sockets Slack counted beyond ours, as last told. */
  #foreignCount = 0
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(options: SlackSocketModeDriverOptions) {
    const { connection, apiUrl, appToken, botToken, sockets, clock, budget, openSocket } = options
    const fetch = impatient(options.fetch, clock)
    this.#options = options
    this.#bot = { apiUrl, token: botToken, fetch }
    this.#addresses = new SlackAddresses({
      api: { apiUrl, token: appToken, fetch },
      method: 'apps.connections.open',
      rate: openRate(sockets),
      budget,
    })
    this.#unit = new Unit({
      ...options,
      name: { connection },
      looks: () => this.#links.standing.state,
      intervalMs: PRESENCE_INTERVAL_MS,
      snapshot: () => this.#events?.presence(),
      onTaken: (why) => this.#letGo(why),
    })
    this.#links = new SocketModeLinks({
      count: sockets,
      clock,
      openSocket,
      askForAddress: (signal) => this.#askForAddress(signal),
      onNews: (news, link) => this.#onNews(news, link),
    })
    this.#acknowledgements = new Acknowledgements({
      ...options,
      origin: () => this.#unit.origin,
      acknowledge: (sighting) => this.#acknowledge(sighting),
      onUnkept: ({ type }) =>
        this.#unit.tell(
          'error',
          'the journal takes nothing: unless Redis confirms it in time, Slack shows an error to whoever did this',
          {
            type,
          },
        ),
    })
  }

  start(fence: number): Promise<void> {
    this.#starting ??= this.#begin(fence)
    return this.#starting
  }

  /**
   * From its hellos on part of the envelopes comes here. They are published as they come, by the holder's right: held back
   * until it has yielded, each would come behind what the holder takes meanwhile.
   */
  arrive(fence: number): Promise<Arrival> {
    this.#unit.accompany(fence)
    this.#arriving = new SocketModeArrival(this.#options.clock)
    this.#links.start()
    return this.#arriving.ended
  }

  proceed(): void {}

  own(fence: number): Promise<void> {
    this.#starting ??= this.#arriving ? this.#succeed(fence, this.#arriving) : this.#begin(fence)
    return this.#starting
  }

  /** As a stop: what crosses the close Slack delivers again, to the successor, and the queue recognises it. */
  async yield(graceMs: number): Promise<'closed'> {
    this.#unit.yielded()
    await this.stop(graceMs)
    return 'closed'
  }

  serveOn(): void {}

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#finish(graceMs)
    return this.#stopping
  }

  status(): ConnectionStatus {
    const sockets = { open: this.#links.openCount, wanted: this.#options.sockets }
    const status = { platform: 'slack', transport: 'socket-mode', ...this.#unit.status(), sockets } as const
    if (!this.#arriving || status.state !== 'connected') return status
    return { ...status, why: 'connected beside the holder, with a part of its events' }
  }

  async #begin(fence: number): Promise<void> {
    const stored = await this.#unit.hold(fence)
    if (this.#stopping) return
    this.#stored = presenceOf(stored)
    this.#links.start()
  }

  async #succeed(fence: number, arriving: SocketModeArrival): Promise<void> {
    const stored = presenceOf(await this.#unit.hold(fence))
    if (this.#stopping) return
    this.#arriving = undefined
    this.#stored = stored
    arriving.end({ kind: 'arrived' })
    this.#events?.own(stored)
  }

  /**
   * An acknowledgement needs its socket open. So what has come by now is confirmed and acknowledged first; what comes
   * meanwhile is taken as ever. Then the sockets close. What crossed the close can't be acknowledged: Slack delivers it again
   * to whoever comes next, where the queue recognises it, for it is there before anybody comes next. Refused under a newer
   * number it would come minutes later, behind all that was said since.
   */
  async #finish(graceMs: number): Promise<void> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + graceMs
    // A failed start is told to whoever called start().
    await this.#starting?.catch(() => {})
    this.#arriving?.end({ kind: 'failed', why: 'told to stop' })
    this.#isOutOfTime = !(await endsWithin(clock, graceMs, this.#acknowledgements.settled()))
    this.#links.stop('told to stop')
    await this.#links.closed()
    const hasAll = Promise.race([this.#acknowledgements.confirmed(), this.#unit.lost()])
    if (!this.#isOutOfTime) await endsWithin(clock, Math.max(0, deadlineMs - clock.monotonicMs()), hasAll)
    this.#acknowledgements.stop()
    this.#events?.stop()
    await this.#unit.release(deadlineMs - clock.monotonicMs())
  }

  #onNews(news: LinkNews, link: number): void {
    switch (news.kind) {
      case 'transition':
        return this.#onTransition(news, link)
      case 'malformed':
        return this.#unit.malformed(news.problem)
      case 'hello':
        return this.#onHello(news.frame)
      case 'heard':
        return this.#events?.heard()
      case 'frame':
        return this.#onFrame(news, link)
      case 'drain':
        return this.#drain(news.generation, link)
      case 'socketClosed':
        return this.#acknowledgements.closed({ link, generation: news.generation })
      case 'fatal':
      case 'connected':
      case 'disconnected':
      case 'handedOver':
        // The transition that led there has told it; Slack keeps what nobody takes.
        return
      case 'caughtUp':
      case 'reply':
        // RTM alone.
        return
      default:
        return news satisfies never
    }
  }

  #onTransition({ from, to, why }: NewsOf<'transition'>, socket: number): void {
    const standing = this.#links.standing
    this.#unit.stands(standing.state, standing.why)
    this.#watchArrival(standing)
    // Why it let go of the unit is told once, not by each link.
    if (this.#isTaken && to === 'stopped') return
    this.#unit.tell(to === 'fatal' ? 'error' : 'info', why, { socket, from, to })
  }

  #watchArrival({ state, why }: Standing): void {
    if (state === 'connected') this.#arriving?.connected(this.#links.openCount, this.#options.sockets)
    else if (state === 'fatal') this.#arriving?.end({ kind: 'failed', why: why ?? 'Slack refuses it' })
  }

  #onHello({ appId, socketCount }: NewsOf<'hello'>['frame']): void {
    if (appId !== undefined) this.#events?.begin(appId)
    // Beside a holder they are that one's.
    if (this.#arriving) return
    // The socket that says hello is not among ours yet.
    const foreignCount = Math.max(0, (socketCount ?? 0) - this.#links.socketCount - 1)
    if (foreignCount === this.#foreignCount) return
    this.#foreignCount = foreignCount
    if (foreignCount > 0)
      this.#unit.tell(
        'info',
        'the app has more sockets than this gateway holds: another process takes part of its events, or Slack has not noticed yet that some are dead',
        { socketCount, foreignCount },
      )
  }

  #onFrame({ frame, generation }: NewsOf<'frame'>, link: number): void {
    if (frame.kind === 'envelope') this.#events?.take(frame, { link, generation })
  }

  #drain(generation: number, link: number): void {
    const socket = { link, generation }
    if (this.#isOutOfTime) return this.#links.drained(socket)
    this.#acknowledgements.drain(socket, () => this.#links.drained(socket))
  }

  #acknowledge({ envelopeId, socket }: Sighting): void {
    this.#links.send(JSON.stringify({ envelope_id: envelopeId }), socket)
  }

  #letGo(why: string): void {
    this.#isTaken = true
    this.#unit.tell(this.#unit.hasYielded ? 'info' : 'warn', why)
    this.#links.stop(why)
  }

  async #askForAddress(signal: AbortSignal): Promise<SlackAnswer> {
    if (!this.#events) {
      const learned = await this.#learnTeam(signal)
      if (learned.kind === 'failed') return learned.answer
      this.#events ??= new SocketModeEvents({
        ...this.#options,
        teamId: learned.teamId,
        stored: this.#stored,
        beside: this.#arriving !== undefined,
        acknowledgements: this.#acknowledgements,
        acknowledge: (sighting) => this.#acknowledge(sighting),
        unit: this.#unit,
      })
    }
    return this.#addresses.ask(signal)
  }

  /** Asked once by all links together. */
  async #learnTeam(signal: AbortSignal): Promise<SlackTeamAnswer> {
    this.#learning ??= learnSlackTeam(this.#bot, signal).finally(() => {
      this.#learning = undefined
    })
    return this.#learning
  }
}

function presenceOf(stored: Checkpoint | undefined): SlackSocketPresence | undefined {
  return stored?.kind === 'slack-socket-mode' ? stored : undefined
}
