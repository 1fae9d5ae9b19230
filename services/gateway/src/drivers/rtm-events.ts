import { type Gap, readSlackRtmFrame } from '@holdfast/events'
import type { SlackRtmPresence } from '@holdfast/ownership'
import type { DriverTools } from '../ports.ts'
import { announceGap } from './gap-announcement.ts'
import { Progress } from './progress.ts'
import { isSameBot, type SlackBot } from './slack-bot.ts'
import type { Unit } from './unit.ts'

/** Whose events they are, and where they go. */
export interface RtmEventsOptions extends Pick<DriverTools, 'publish' | 'wanted' | 'metrics' | 'clock'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly bot: SlackBot
  /** What an earlier run stored. */
  readonly stored: SlackRtmPresence | undefined
  readonly unit: Pick<
    Unit<never>,
    'touch' | 'store' | 'malformed' | 'nextNonce' | 'missed' | 'tell' | 'origin'
  >
}

/**
 * The frames of one bot on their way to the queue. RTM repeats nothing, so each time without a socket, restarts included,
 * is announced as a gap before the frames that follow; what may be stored is until when everything is confirmed.
 */
export class RtmEvents {
  readonly #options: RtmEventsOptions
  /** From the first hello on. Its sequences are our own count of what came. */
  #progress: Progress | undefined
  #onSettled: () => void = () => {}

  constructor(options: RtmEventsOptions) {
    this.#options = options
  }

  /** Frames follow. Every hello but the first ever ends a time without a socket. */
  connected(): void {
    const helloAt = this.#options.clock.wallAt()
    const from = this.#progress?.heardAt ?? this.#lastSeenAt()
    this.#progress ??= new Progress(0, from ?? helloAt)
    if (from !== undefined) this.#announceGap(from, helloAt)
    this.#options.unit.store()
  }

  /** Publishes a frame, if it is an event. */
  take(text: string): void {
    const { connection, bot, publish, metrics, clock, unit } = this.#options
    const reading = readSlackRtmFrame(text, {
      connection,
      bot: nameOf(bot),
      teamId: bot.teamId,
      receivedAt: clock.wallAt(),
      delivery: 'live',
      nonce: unit.nextNonce(),
    })
    if (reading.kind === 'malformed') return unit.malformed(reading.problem)
    if (reading.kind === 'not-event') return
    metrics.received('slack', connection, reading.event.type)
    // Here responsibility passes: until the confirm, the event lives in this process alone.
    publish(reading.event, unit.origin, this.#expectConfirm())
  }

  /** Everything that Slack sent before `sentAt` has been received. */
  caughtUp(sentAt: number): void {
    if (!this.#progress) return
    this.#progress.probeAnswered(sentAt)
    this.#moved(this.#progress)
  }

  /** Resolves when nothing that came is unconfirmed. */
  settled(): Promise<void> {
    if (!this.#progress || this.#progress.settled) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }

  /** What may be stored now. */
  presence(): SlackRtmPresence | undefined {
    if (!this.#progress) return undefined
    return { kind: 'slack-rtm', ...this.#options.bot, caughtUpAt: this.#progress.confirmedAt }
  }

  /** Until when an earlier run had seen everything; nothing where the token now belongs to another bot. */
  #lastSeenAt(): number | undefined {
    const { stored, bot } = this.#options
    return stored && isSameBot(stored, bot) ? stored.caughtUpAt : undefined
  }

  #announceGap(from: number, to: number): void {
    const { connection, bot } = this.#options
    const gap: Gap = {
      platform: 'slack',
      connection,
      bot: nameOf(bot),
      workspace: bot.teamId,
      from: Math.min(from, to),
      to,
      why: 'rtm-disconnected',
      receivedAt: to,
    }
    announceGap(gap, this.#options, this.#expectConfirm())
  }

  /** What is published next, and what its confirm does. Gaps take their place too: the presence moves past one only when it is confirmed. */
  #expectConfirm(): () => void {
    const progress = this.#progress
    const sequence = progress?.receivedNext()
    return () => {
      if (sequence !== undefined && progress?.confirm(sequence)) this.#moved(progress)
    }
  }

  #moved(progress: Progress): void {
    this.#options.unit.touch()
    if (progress.settled) this.#onSettled()
  }
}

function nameOf({ appId, botUserId }: SlackBot): string {
  return appId ?? botUserId
}
