import { type Clock, randomUuid, type Timer } from '../clock.ts'
import type { DeliveredTo, EnvelopeFact } from '../facts.ts'
import { given } from '../given.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import type { SlackBot } from './directory.ts'
import type { SocketModeSocket } from './socket-mode-socket.ts'

/** What an app is to get, whatever number of deliveries that takes. */
export interface Letter {
  readonly bot: SlackBot
  readonly type: string
  /** The event id, or the trigger id. */
  readonly subject: string
  /** JSON text, sent as it is. */
  readonly payloadText: string
  readonly acceptsPayload: boolean
  /** Told of the first acknowledgement that came in time, with its payload. */
  readonly answered?: (payload: unknown) => void
  /** Told when it was delivered for the last time and not acknowledged. */
  readonly failed?: () => void
}

/** What envelopes are sent with. */
export interface EnvelopeParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly limits: SlackLimits
  /** The sockets of an app that Slack believes to be alive. */
  readonly socketsOf: (bot: SlackBot) => readonly SocketModeSocket[]
}

/** One delivery: an envelope that waits for its acknowledgement, or a redelivery that waits for its time. */
interface Delivery {
  readonly letter: Letter
  readonly envelope: string
  readonly attempt: number
  readonly sentMs: number
  readonly socket: number | undefined
  readonly timer: Timer
}

/**
 * What is on its way to apps over Socket Mode. Each delivery goes to any one socket of the app and fails unless it is
 * acknowledged in time, on whichever socket of the app. A failed event comes again, with the same event id in a new
 * envelope, as long as the schedule says, also where no socket was open; all else fails for good.
 * Sources: docs.slack.dev, Using Socket Mode; Events API, Retries; Handling user interaction, Acknowledgment response.
 */
export class SlackEnvelopes {
  readonly #parts: EnvelopeParts
  readonly #waiting = new Map<string, Delivery>()
  readonly #redeliveries = new Set<Timer>()
  #toLoseCount = 0

  constructor(parts: EnvelopeParts) {
    this.#parts = parts
  }

  /** Sends it now, the same envelope `copies` times. Buffered is what was written to nobody and will come again. */
  send(letter: Letter, copies = 1): DeliveredTo {
    const sentCount = this.#deliver(letter, 0, copies)
    const repeats = sentCount === 0 && this.#redeliveriesOf(letter).length > 0
    return { bot: letter.bot.userId, sentCount, bufferedCount: repeats ? 1 : 0 }
  }

  /** Late, repeated and unknown acknowledgements are ignored: what has failed stays so and comes again. */
  acknowledge(bot: SlackBot, envelope: string, payload: unknown): void {
    const delivery = this.#waiting.get(envelope)
    if (delivery?.letter.bot !== bot) return
    if (this.#toLoseCount > 0) {
      this.#toLoseCount -= 1
      return
    }
    delivery.timer.clear()
    this.#waiting.delete(envelope)
    this.#tell(delivery, 'acknowledged', this.#parts.clock.monotonicMs() - delivery.sentMs)
    delivery.letter.answered?.(payload)
  }

  /** The next acknowledgements, of whichever app, are lost on their way. 0 takes it back. */
  loseAcknowledgements(count: number): void {
    this.#toLoseCount = count
  }

  stop(): void {
    for (const { timer } of this.#waiting.values()) timer.clear()
    for (const timer of this.#redeliveries) timer.clear()
    this.#waiting.clear()
    this.#redeliveries.clear()
  }

  /** Answers how many frames were written to sockets that they can reach. */
  #deliver(letter: Letter, attempt: number, copies: number): number {
    const { clock, limits } = this.#parts
    const envelope = randomUuid(clock)
    const text = envelopeText(letter, envelope, attempt)
    const sockets = Array.from({ length: copies }, () => this.#pick(letter.bot)).filter(
      (s) => s !== undefined,
    )
    const socket = sockets[0]?.number
    const about = { letter, envelope, attempt, socket, sentMs: clock.monotonicMs() }
    for (const { number } of sockets) this.#tell({ ...about, socket: number }, 'sent')
    const reachable = sockets.filter(({ open }) => open)
    for (const each of reachable) each.send(text)
    if (socket === undefined) this.#fail(about)
    else
      this.#waiting.set(envelope, {
        ...about,
        timer: clock.setTimer(limits.acknowledgeMs, () => this.#expire(envelope)),
      })
    return reachable.length
  }

  /** "A payload may be sent to any of the connections": no turn, no favourite. */
  #pick(bot: SlackBot): SocketModeSocket | undefined {
    const sockets = this.#parts.socketsOf(bot)
    return sockets[Math.floor(this.#parts.clock.random() * sockets.length)]
  }

  #expire(envelope: string): void {
    const delivery = this.#waiting.get(envelope)
    this.#waiting.delete(envelope)
    if (delivery) this.#fail(delivery)
  }

  #fail(delivery: Omit<Delivery, 'timer'>): void {
    const { letter, attempt } = delivery
    this.#tell(delivery, 'unanswered')
    const waitMs = this.#redeliveriesOf(letter)[attempt]
    if (waitMs === undefined) {
      this.#tell(delivery, 'given-up')
      letter.failed?.()
      return
    }
    const timer = this.#parts.clock.setTimer(waitMs, () => {
      this.#redeliveries.delete(timer)
      this.#deliver(letter, attempt + 1, 1)
    })
    this.#redeliveries.add(timer)
  }

  #redeliveriesOf({ type }: Letter): readonly number[] {
    return type === 'events_api' ? this.#parts.limits.eventRetriesMs : []
  }

  #tell(delivery: Omit<Delivery, 'timer'>, what: EnvelopeFact['what'], tookMs?: number): void {
    const { letter, envelope, attempt, socket } = delivery
    const { bot, type, subject } = letter
    const about = { kind: 'envelope', platform: 'slack', bot: bot.userId, envelope, type, subject } as const
    this.#parts.record.write(given({ ...about, attempt, what, socket, tookMs }))
  }
}

/** Only events are delivered again, so only their envelopes tell of attempts. */
function envelopeText(
  { type, payloadText, acceptsPayload }: Letter,
  envelope: string,
  attempt: number,
): string {
  const after = { type, accepts_response_payload: acceptsPayload }
  const redelivery = { retry_attempt: attempt, retry_reason: attempt === 0 ? '' : 'timeout' }
  const rest = JSON.stringify(type === 'events_api' ? { ...after, ...redelivery } : after)
  return `{"envelope_id":"${envelope}","payload":${payloadText},${rest.slice(1)}`
}
