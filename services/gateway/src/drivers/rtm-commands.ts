import type { SlackFrame } from '@holdfast/protocol'
import type { Clock, Timer } from '@holdfast/runtime'

/** What can be said over an RTM socket. Source: docs.slack.dev/legacy/legacy-rtm-api */
export type RtmCommand =
  /** Plain text; everything richer is posted over the Web API. */
  | {
      readonly kind: 'message'
      readonly channel: string
      readonly text: string
      readonly threadTs?: string
    }
  | { readonly kind: 'typing'; readonly channel: string }
  /** Whose `presence_change` events are wanted: the whole list each time. It is said again on every later socket. */
  | { readonly kind: 'presence'; readonly userIds: readonly string[] }

/** What became of a command. */
export type RtmOutcome =
  /** Slack took the message. */
  | { readonly kind: 'done'; readonly ts: string | undefined }
  /** It was written; Slack answers nothing to commands of its kind. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly error: string }
  /** Certainly nothing has happened. */
  | { readonly kind: 'notSent'; readonly why: string }
  /** It was written, and Slack's answer did not come: to send it again may be to say it twice. */
  | { readonly kind: 'unknown'; readonly why: string }

/** The way to the sockets of a connection. */
export interface RtmCommandsOptions {
  readonly clock: Clock
  /** The generation of the socket that serves now, where one does. */
  readonly socket: () => number | undefined
  readonly send: (text: string, generation: number) => void
}

/** Slack drops a socket on which a larger frame comes. */
const FRAME_BOUND_BYTES = 16 * 1024
/** One write a second is allowed in the long run, some more at once; a ping every 5 s takes a fifth of it. */
const WRITE_EVERY_MS = 1_250
const BURST_COUNT = 3
/** A minute of writes; who comes later is told so. */
const WAITING_BOUND = 50
const REPLY_TIMEOUT_MS = 30_000
/** Pings have ids of their own on the same socket, from 1 on: in the eight hours of a socket they do not get here. */
const FIRST_ID = 1_000_000

interface Waiting {
  readonly command: RtmCommand
  readonly text: string
  readonly id: number
  readonly settle: (outcome: RtmOutcome) => void
}

interface Unanswered {
  readonly generation: number
  readonly timer: Timer
  readonly settle: (outcome: RtmOutcome) => void
}

/**
 * Commands over the sockets of one RTM connection, in the order in which they were given, as slowly as Slack wants them.
 * Each gets exactly one outcome, and nothing is sent twice. Ids are never used again, on any socket.
 */
export class RtmCommands {
  readonly #options: RtmCommandsOptions
  readonly #waiting: Waiting[] = []
  readonly #unanswered = new Map<number, Unanswered>()
  #lastId = FIRST_ID
  /** Writes that may be made at `#filledMs`. */
  #level = BURST_COUNT
  #filledMs: number
  #timer: Timer | undefined
  #presence: readonly string[] | undefined
  /** The last socket that was told to serve: a hand-over that is not whole tells it twice. */
  #openedOn: number | undefined

  constructor(options: RtmCommandsOptions) {
    this.#options = options
    this.#filledMs = options.clock.monotonicMs()
  }

  /** Never rejects. */
  run(command: RtmCommand): Promise<RtmOutcome> {
    const id = ++this.#lastId
    const text = frameText(command, id)
    if (Buffer.byteLength(text) > FRAME_BOUND_BYTES) return notSent('the frame is larger than 16 KB')
    if (this.#options.socket() === undefined) return notSent('no socket is open')
    if (this.#waiting.length >= WAITING_BOUND) return notSent(`${WAITING_BOUND} commands wait already`)
    if (command.kind === 'presence') this.#presence = command.userIds
    return new Promise((settle) => {
      this.#waiting.push({ command, text, id, settle })
      this.#pump()
    })
  }

  /** Another socket serves. What a socket was told of presence goes with it. */
  opened(): void {
    const generation = this.#options.socket()
    if (generation === this.#openedOn) return
    this.#openedOn = generation
    if (this.#presence) void this.run({ kind: 'presence', userIds: this.#presence })
  }

  /** Slack answered. */
  replied({ replyTo, ok, ts, error }: Extract<SlackFrame, { kind: 'reply' }>): void {
    this.#answer(replyTo, ok ? { kind: 'done', ts } : { kind: 'refused', error: error ?? 'no reason given' })
  }

  /** A socket is gone, and with it the answers to what was sent on it. */
  closed(generation: number): void {
    for (const [id, unanswered] of this.#unanswered)
      if (unanswered.generation === generation)
        this.#answer(id, { kind: 'unknown', why: 'the socket closed before Slack answered' })
  }

  /** Ends what waits. */
  stop(): void {
    this.#giveUpWaiting('the connection stops')
    for (const id of this.#unanswered.keys())
      this.#answer(id, { kind: 'unknown', why: 'the connection stopped before Slack answered' })
  }

  /** Sends what may be sent now; the next when it may. */
  #pump(): void {
    this.#timer?.clear()
    this.#timer = undefined
    const generation = this.#options.socket()
    if (generation === undefined) return this.#giveUpWaiting('the socket closed before its turn came')
    this.#fill()
    while (this.#level >= 1) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#level -= 1
      this.#write(next, generation)
    }
    if (this.#waiting.length === 0) return
    const waitMs = Math.ceil((1 - this.#level) * WRITE_EVERY_MS)
    this.#timer = this.#options.clock.setTimer(waitMs, () => this.#pump())
  }

  #fill(): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#level = Math.min(BURST_COUNT, this.#level + (nowMs - this.#filledMs) / WRITE_EVERY_MS)
    this.#filledMs = nowMs
  }

  #write({ command, text, id, settle }: Waiting, generation: number): void {
    const { clock, send } = this.#options
    // Here responsibility passes: from now on nobody knows, until Slack says so, whether it was said.
    send(text, generation)
    if (command.kind !== 'message') return settle({ kind: 'sent' })
    const timer = clock.setTimer(REPLY_TIMEOUT_MS, () =>
      this.#answer(id, { kind: 'unknown', why: 'Slack did not answer in time' }),
    )
    this.#unanswered.set(id, { generation, timer, settle })
  }

  #answer(id: number, outcome: RtmOutcome): void {
    const unanswered = this.#unanswered.get(id)
    if (!unanswered) return
    this.#unanswered.delete(id)
    unanswered.timer.clear()
    unanswered.settle(outcome)
  }

  #giveUpWaiting(why: string): void {
    this.#timer?.clear()
    this.#timer = undefined
    for (const { settle } of this.#waiting.splice(0)) settle({ kind: 'notSent', why })
  }
}

function notSent(why: string): Promise<RtmOutcome> {
  return Promise.resolve({ kind: 'notSent', why })
}

function frameText(command: RtmCommand, id: number): string {
  switch (command.kind) {
    case 'message': {
      const { channel, text, threadTs } = command
      return JSON.stringify({ id, type: 'message', channel, text, thread_ts: threadTs })
    }
    case 'typing':
      return JSON.stringify({ id, type: 'typing', channel: command.channel })
    case 'presence':
      return JSON.stringify({ id, type: 'presence_sub', ids: command.userIds })
    default:
      return command satisfies never
  }
}
