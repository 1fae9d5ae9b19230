import {
  type GapReason,
  type Reading,
  readSlackEnvelope,
  readSlackEventCallback,
  readSlackInteractive,
  readSlackSlashCommand,
  type SlackEnvelopeOrigin,
} from '@holdfast/events'
import type { SlackSocketPresence } from '@holdfast/ownership'
import { parseObject, type SlackFrame } from '@holdfast/protocol'
import type { DriverTools } from '../ports.ts'
import type { Acknowledgements, EnvelopeSocket, Sighting } from './acknowledgements.ts'
import { Overflow } from './overflow.ts'
import { toOwnMs, toWallAt } from './process-time.ts'
import { SlackGaps } from './slack-gaps.ts'
import type { Unit } from './unit.ts'
import { REDELIVERIES_MS, Withheld } from './withheld.ts'

/** What came of one frame: an envelope. */
export type Envelope = Extract<SlackFrame, { kind: 'envelope' }>

/** Whose events they are, and where they go. */
export interface SocketModeEventsOptions
  extends Pick<DriverTools, 'publish' | 'wanted' | 'metrics' | 'backfill' | 'clock' | 'room'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  /** The workspace of the bot token, for payloads that don't name their installation. */
  readonly teamId: string
  /** What an earlier run stored. */
  readonly stored: SlackSocketPresence | undefined
  /** Whether another serves the unit still. */
  readonly beside: boolean
  readonly acknowledgements: Pick<Acknowledgements, 'publish' | 'oldestMs'>
  /** Acknowledges an envelope of which nothing goes to the queue. */
  readonly acknowledge: (sighting: Sighting) => void
  readonly unit: Pick<
    Unit<never>,
    'touch' | 'store' | 'malformed' | 'nextNonce' | 'missed' | 'tell' | 'origin'
  >
}

type ReadPayload = (text: string, origin: SlackEnvelopeOrigin) => Reading

const READERS: ReadonlyMap<string, ReadPayload> = new Map<string, ReadPayload>([
  ['events_api', readSlackEventCallback],
  ['interactive', readSlackInteractive],
  ['slash_commands', readSlackSlashCommand],
])

const MINUTE_MS = 60_000
/** Beyond this no instant can be written (ECMAScript's time range). */
const LAST_AT = 8_640_000_000_000_000

/**
 * The envelopes of one app on their way to the queue. Slack repeats what no socket took, for some minutes: only a longer
 * time without a socket, restarts included, is announced as a gap, before the envelopes that follow. Beside another that
 * serves the unit still no time without a socket is ours to announce.
 */
export class SocketModeEvents {
  readonly #options: SocketModeEventsOptions
  /** The part of every event's identity that tells two bots in one channel apart: known from the first hello on. */
  #appId: string | undefined
  #stored: SlackSocketPresence | undefined
  /** Another serves the unit still. */
  #beside: boolean
  /** The first hello (monotonic milliseconds, as all instants here). */
  #helloAt: number | undefined
  /** Until when a socket was open, by the last that was heard on one. */
  #heardAt: number | undefined
  readonly #gaps: SlackGaps
  /** The times in which this process can hold no more. */
  readonly #overflow: Overflow
  /** What was left to Slack in them. */
  readonly #withheld = new Withheld()
  /** When it was last told that some of it comes no more. */
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: SocketModeEventsOptions) {
    this.#options = options
    this.#stored = options.stored
    this.#beside = options.beside
    this.#gaps = new SlackGaps(options)
    this.#overflow = new Overflow({
      ...{ room: options.room, clock: options.clock },
      onBegin: () =>
        options.unit.tell(
          'error',
          'Redis is away and no more events can be held: envelopes are left to Slack, which delivers them again for some minutes; bring Redis back',
        ),
      onEnd: () => this.#announceGivenUp(),
    })
  }

  /** Slack has said hello on a socket of this app: envelopes follow. */
  begin(named: string): void {
    const { clock, unit } = this.#options
    // A token is of one app. A garbled hello that names another must not give what comes again a second identity.
    this.#appId ??= named
    const appId = this.#appId
    const now = clock.monotonicMs()
    const from = this.#heardAt ?? this.#lastHeardAt(appId)
    this.#heardAt = now
    this.#helloAt ??= now
    if (this.#beside) return
    this.#announceAbsence(appId, from, now)
    unit.store()
  }

  /** The unit is ours, and the one before is gone: `stored` is its last word. */
  own(stored: SlackSocketPresence | undefined): void {
    this.#stored = stored
    const appId = this.#appId
    if (appId !== undefined && this.#helloAt !== undefined)
      this.#announceAbsence(appId, this.#lastHeardAt(appId), this.#helloAt)
    this.#beside = false
    this.#options.unit.store()
  }

  /** Something was heard on an open socket. */
  heard(): void {
    // What came before any hello says nothing of whose socket it is.
    if (this.#appId === undefined) return
    this.#heardAt = this.#options.clock.monotonicMs()
    this.#announceGivenUp()
    this.#options.unit.touch()
  }

  /** Publishes what an envelope holds; whoever has the event answers for its acknowledgement. */
  take(envelope: Envelope, socket: EnvelopeSocket): void {
    const { connection, metrics, clock, wanted, acknowledge, acknowledgements } = this.#options
    // Before any hello nobody knows whose it is. It is left to Slack, which delivers it again.
    if (this.#appId === undefined) return
    const receivedAt = clock.wallAt()
    const sighting = { envelopeId: envelope.id, socket, receivedMs: clock.monotonicMs() }
    const reading = this.#read(envelope, this.#originOf(envelope, this.#appId, receivedAt))
    if (reading.kind !== 'event' && reading.kind !== 'ephemeral') return acknowledge(sighting)
    metrics.received('slack', connection, reading.event.type)
    if (reading.event.type === 'slack.app_rate_limited') this.#announceLimit(this.#appId, envelope)
    const { event } = reading
    // Slack switches off an app that leaves too much unacknowledged.
    if (this.#overflow.full && !event.interactive && !wanted(event.type, event.delivery, connection))
      return acknowledge(sighting)
    if (acknowledgements.publish(event, sighting)) return this.#withheld.taken(event.id)
    this.#overflow.spill(sighting.receivedMs)
    this.#withheld.add(event.id, sighting.receivedMs, envelope.retryAttempt > 0)
  }

  /** What may be stored now: no later than what would be lost if this process died and Slack repeated nothing more. */
  presence(): SlackSocketPresence | undefined {
    const { teamId, acknowledgements, clock } = this.#options
    if (this.#appId === undefined || this.#heardAt === undefined) return undefined
    const oldest = acknowledgements.oldestMs ?? this.#heardAt
    const withheldFrom = this.#withheld.from ?? Number.POSITIVE_INFINITY
    const heardAt = toWallAt(clock, Math.min(this.#heardAt, oldest, withheldFrom, this.#gaps.openFrom))
    return { kind: 'slack-socket-mode', appId: this.#appId, teamId, heardAt }
  }

  /** Nothing is announced any more: what Slack does not repeat is part of the gap that the next one announces. */
  stop(): void {
    this.#overflow.stop()
  }

  #originOf({ id, acceptsPayload, retryAttempt }: Envelope, bot: string, receivedAt: number) {
    const { connection, teamId, unit } = this.#options
    const delivery = retryAttempt > 0 ? 'retry' : 'live'
    const envelope = { id, acceptsPayload }
    return { connection, bot, teamId, receivedAt, delivery, nonce: unit.nextNonce(), envelope } as const
  }

  /**
   * Another delivery would bring the same bytes, and Slack switches off an app that leaves too much unacknowledged. So what
   * its reader does not understand is told, and goes to the queue as the envelope that it is; only what is no JSON is left
   * out and acknowledged.
   */
  #read({ type, payloadText }: Envelope, origin: SlackEnvelopeOrigin): Reading {
    const { unit } = this.#options
    const known = READERS.get(type)?.(payloadText, origin)
    if (known && known.kind !== 'malformed') return known
    const raw = readSlackEnvelope(type, payloadText, origin)
    if (known) unit.malformed(known.problem)
    else if (raw.kind === 'malformed') unit.malformed(raw.problem)
    return raw
  }

  /** Until when an earlier run heard Slack; nothing where the token now belongs to another app. */
  #lastHeardAt(appId: string): number | undefined {
    return this.#stored?.appId === appId ? toOwnMs(this.#options.clock, this.#stored.heardAt) : undefined
  }

  #announceAbsence(appId: string, from: number | undefined, to: number): void {
    if (from !== undefined && to - from > REDELIVERIES_MS)
      this.#announceOwn(appId, 'socket-mode-disconnected', from, to)
  }

  /** While there is room, and not for each: where it comes and goes, there may be many. */
  #announceGivenUp(): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#appId === undefined || this.#overflow.full || nowMs - this.#toldMs < MINUTE_MS) return
    const givenUp = this.#withheld.takeGivenUp(nowMs)
    if (!givenUp) return
    this.#toldMs = nowMs
    this.#announceOwn(this.#appId, 'journal-full', givenUp.from, givenUp.to)
  }

  /** Slack says of which minute it delivered no more. https://docs.slack.dev/reference/events/app_rate_limited */
  #announceLimit(appId: string, { payloadText }: Envelope): void {
    const seconds = parseObject(payloadText)?.minute_rate_limited
    if (typeof seconds !== 'number' || !Number.isInteger(seconds)) return
    const [from, to] = [seconds * 1_000, seconds * 1_000 + MINUTE_MS]
    if (Math.abs(from) > LAST_AT || to > LAST_AT) return
    const news = { bot: appId, why: 'rate-limited' } as const
    this.#gaps.announceAt({ from, to }, toOwnMs(this.#options.clock, from), news, () =>
      this.#options.unit.touch(),
    )
  }

  #announceOwn(bot: string, why: GapReason, from: number, to: number): void {
    this.#gaps.announce({ from, to }, { bot, why }, () => this.#options.unit.touch())
  }
}
