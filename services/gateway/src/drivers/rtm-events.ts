import { readSlackRtmFrame } from '@holdfast/events'
import type { SlackRtmPresence } from '@holdfast/ownership'
import type { DriverTools } from '../ports.ts'
import { Overflow, type Spilt } from './overflow.ts'
import { toOwnMs, toWallAt } from './process-time.ts'
import { FANOUT_ALLOWANCE_MS } from './progress.ts'
import { type RtmGap, RtmGaps } from './rtm-gaps.ts'
import { type Place, RtmPlaces } from './rtm-places.ts'
import { isSameBot, nameOf, type SlackBot } from './slack-bot.ts'
import type { Unit } from './unit.ts'

/** Whose events they are, and where they go. */
export interface RtmEventsOptions
  extends Pick<DriverTools, 'publish' | 'wanted' | 'metrics' | 'backfill' | 'clock' | 'room'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly bot: SlackBot
  /** What an earlier run stored. */
  readonly stored: SlackRtmPresence | undefined
  /** Whether another serves the unit still. */
  readonly beside: boolean
  readonly unit: Pick<
    Unit<never>,
    'touch' | 'store' | 'kept' | 'malformed' | 'nextNonce' | 'missed' | 'tell' | 'origin'
  >
}

/** A frame as it came. */
interface Frame {
  readonly text: string
  readonly receivedAt: number
  /** It has its place already, from when it came. */
  readonly place?: Place
}

/** Whose the events are to publish. */
type Stance =
  /** Another's: what comes waits until that one has yielded, for before that its own frames come first. */
  | { readonly kind: 'holdingBack'; readonly held: Frame[] }
  /** Another's and ours: the queue recognises the second. What has no identity it could not recognise: it is the other's. */
  | { readonly kind: 'beside' }
  /** Ours. */
  | { readonly kind: 'serving' }

/** Before any hello nobody waits for what comes. */
const NO_PLACE: Place = { done: () => {}, kept: () => {} }

/** How many frames may wait for the holder to yield. */
const HELD_COUNT = 5_000

/**
 * The frames of one bot on their way to the queue. RTM repeats nothing, so each time without a socket, restarts included,
 * is announced as a gap before the frames that follow; what may be stored is until when everything is confirmed. Beside
 * another that serves the unit still, nothing is announced: all of it is that one's to tell, until the unit is ours.
 *
 * What comes while this process can hold no more is dropped and counted, and announced as a gap once there is room.
 */
export class RtmEvents {
  readonly #options: RtmEventsOptions
  #stored: SlackRtmPresence | undefined
  #stance: Stance
  /** From the first hello on. */
  #places: RtmPlaces | undefined
  /** The first hello (monotonic milliseconds, as all instants here but those of frames). */
  #helloAt: number | undefined
  readonly #gaps: RtmGaps
  readonly #overflow: Overflow
  /** See `SlackRtmPresence.yielded`. */
  #yielded: string | undefined

  constructor(options: RtmEventsOptions) {
    this.#options = options
    this.#stored = options.stored
    this.#gaps = new RtmGaps(options)
    this.#overflow = new Overflow({
      ...{ room: options.room, clock: options.clock },
      onBegin: () =>
        options.unit.tell(
          'error',
          'Redis is away and no more events can be held: what comes is dropped and counted, and announced as a gap once there is room; bring Redis back',
        ),
      onEnd: (spilt) => this.#announceSpilt(spilt),
    })
    this.#stance = options.beside ? { kind: 'holdingBack', held: [] } : { kind: 'serving' }
  }

  /** Frames follow. Every hello but the first ever ends a time without a socket. */
  connected(): void {
    const helloAt = this.#options.clock.monotonicMs()
    const heardAt = this.#places?.progress.heardAt
    this.#helloAt ??= helloAt
    if (this.#stance.kind !== 'serving') {
      this.#places ??= new RtmPlaces(helloAt, this.#options.unit)
      if (heardAt !== undefined) this.#gaps.note(heardAt, helloAt)
      return
    }
    const from = heardAt ?? this.#lastSeenAt()
    this.#places ??= new RtmPlaces(from ?? helloAt, this.#options.unit)
    if (from !== undefined) this.#announce({ from, to: helloAt })
    this.#options.unit.store()
  }

  /** Publishes a frame, if it is an event, or holds it back. */
  take(text: string): void {
    const receivedAt = this.#options.clock.wallAt()
    if (this.#stance.kind !== 'holdingBack') return this.#publish({ text, receivedAt })
    this.#stance.held.push({ text, receivedAt, place: this.#expect() })
    if (this.#stance.held.length >= HELD_COUNT) this.#giveUp(this.#stance.held)
  }

  /** The holder has yielded: publishes what was held back, and what comes, beside it. */
  proceed(): void {
    if (this.#stance.kind === 'holdingBack') this.#release(this.#stance.held)
  }

  /**
   * The unit is ours: what is missing is ours to announce. `stored` is the holder's last word; `isWhole`: it had confirmed
   * everything that was posted until some moment after our first hello.
   */
  own(stored: SlackRtmPresence | undefined, isWhole: boolean): void {
    this.#stored = stored
    if (this.#helloAt !== undefined) {
      const from = isWhole ? undefined : this.#lastSeenAt()
      if (from !== undefined) this.#announce({ from, to: this.#helloAt })
      const noted = this.#gaps.takeNoted()
      if (noted) this.#announce(noted)
    }
    this.proceed()
    this.#stance = { kind: 'serving' }
    this.#options.unit.store()
  }

  /** A successor may go on. `isWhole`: everything that was posted before it was let to is confirmed. */
  yielded(isWhole: boolean): void {
    const hasAll = isWhole && this.#overflow.from === undefined
    this.#yielded = hasAll ? this.#options.unit.nextNonce() : undefined
  }

  /** Everything that Slack sent before `sentMs` (monotonic) has been received. */
  caughtUp(sentMs: number): void {
    this.#places?.caughtUp(sentMs)
  }

  /** Resolves when nothing that has come until now is unconfirmed. */
  settled(): Promise<void> {
    return this.#places?.settled() ?? Promise.resolve()
  }

  /** How many frames wait for the holder to yield. */
  get heldCount(): number {
    return this.#stance.kind === 'holdingBack' ? this.#stance.held.length : 0
  }

  /** What may be stored now. */
  presence(): SlackRtmPresence | undefined {
    return this.#places && this.#presenceAt(this.#places.progress.confirmedAt)
  }

  /** As the presence, counting what the journal holds as confirmed. */
  mark(): SlackRtmPresence | undefined {
    return this.#places && this.#presenceAt(this.#places.progress.heldAt)
  }

  /** Nothing is announced any more: what was dropped and not told is part of the gap that the next one announces. */
  stop(): void {
    this.#overflow.stop()
  }

  #presenceAt(safeAt: number): SlackRtmPresence {
    const droppedFrom = this.#overflow.from ?? Number.POSITIVE_INFINITY
    const caughtUpAt = toWallAt(this.#options.clock, Math.min(safeAt, this.#gaps.openFrom, droppedFrom))
    const yielded = this.#yielded === undefined ? {} : { yielded: this.#yielded }
    return { kind: 'slack-rtm', ...this.#options.bot, caughtUpAt, ...yielded }
  }

  #publish({ text, receivedAt, place }: Frame): void {
    const { connection, bot, publish, wanted, metrics, unit } = this.#options
    const reading = readSlackRtmFrame(text, {
      connection,
      bot: nameOf(bot),
      teamId: bot.teamId,
      receivedAt,
      delivery: 'live',
      nonce: unit.nextNonce(),
    })
    if (reading.kind === 'malformed') unit.malformed(reading.problem)
    const isOurs =
      reading.kind === 'event' || (reading.kind === 'ephemeral' && this.#stance.kind === 'serving')
    if (!isOurs) return place?.done()
    const { event } = reading
    metrics.received('slack', connection, event.type)
    if (this.#overflow.full) {
      if (wanted(event.type, event.delivery, connection)) this.#drop(receivedAt)
      return place?.done()
    }
    const { done, kept } = place ?? this.#expect()
    // Here responsibility passes: until it is confirmed or kept, the event lives in this process alone.
    publish(event, unit.origin, done, kept)
  }

  #drop(receivedAt: number): void {
    const { connection, metrics, clock } = this.#options
    metrics.dropped(connection)
    this.#overflow.spill(toOwnMs(clock, receivedAt) - FANOUT_ALLOWANCE_MS)
  }

  /** Beside another it is that one's to tell, until the unit is ours. */
  #announceSpilt({ from, to, count }: Spilt): void {
    if (this.#stance.kind !== 'serving') return this.#gaps.note(from, to)
    this.#announce({ from, to, why: 'journal-full', missedCount: count })
  }

  #release(held: readonly Frame[]): void {
    this.#stance = { kind: 'beside' }
    for (const frame of held) this.#publish(frame)
  }

  /** The holder takes too long to yield. It publishes what is dropped here, if it lives; whether it does, only it knows. */
  #giveUp(held: readonly Frame[]): void {
    this.#stance = { kind: 'holdingBack', held: [] }
    const { clock, unit } = this.#options
    const to = clock.monotonicMs()
    this.#gaps.note(this.#helloAt ?? to, to)
    for (const { place } of held) place?.done()
    unit.tell(
      'warn',
      'more frames came than may be held back for the present holder: they are left to it, and announced as a gap once the unit is ours',
      { count: held.length },
    )
  }

  /** Until when an earlier run had seen everything; nothing where the token now belongs to another bot. */
  #lastSeenAt(): number | undefined {
    const { bot, clock } = this.#options
    return this.#stored && isSameBot(this.#stored, bot) ? toOwnMs(clock, this.#stored.caughtUpAt) : undefined
  }

  /** Gaps take their place too: the presence moves past one only when it is confirmed. It is never kept: whoever announces it owes what history has of it. */
  #announce(gap: RtmGap): void {
    this.#gaps.announce(gap, this.#expect().done)
  }

  #expect(): Place {
    return this.#places?.next() ?? NO_PLACE
  }
}
