import type { Clock } from '../clock.ts'
import type { SlackLimits } from '../limits.ts'
import { TokenBucket } from '../rates.ts'
import type { EndedBy, PlatformSocket } from '../socket.ts'
import { type ClientFrame, parseFrame } from './client-frame.ts'
import type { SlackBot } from './directory.ts'
import { RtmLife } from './rtm-life.ts'
import type { SlackSocket } from './slack-socket.ts'

/** What came of a message sent over RTM. */
export type RtmSendResult =
  | { readonly ok: true; readonly ts: string; readonly text: string }
  | { readonly ok: false; readonly error: { readonly code: number; readonly msg: string } }

/** A message as a bot sends it over RTM. */
export interface RtmSend {
  readonly channel: string
  readonly text: string
  readonly threadTs: string | undefined
}

/** What an RTM socket needs of the fake Slack around it. */
export interface RtmHost {
  /** Posts for the bot; its own socket gets the reply instead of the event. */
  send(from: RtmSocket, message: RtmSend): RtmSendResult
  typing(from: RtmSocket, channel: string): void
  /** `active` or `away`, of a person or a bot of the socket's workspace. */
  presenceOf(from: RtmSocket, user: string): string | undefined
}

/** What a socket is made with. */
export interface RtmSocketParts {
  readonly clock: Clock
  readonly limits: SlackLimits
  readonly host: RtmHost
  readonly socket: PlatformSocket
  /** When something last happened in the workspace, by the monotonic clock. */
  readonly activeMs: () => number
  /** Whether `presence_change` may name many users at once (`batch_presence_aware` of rtm.connect). */
  readonly batchesPresence: boolean
}

// "error reply, then disconnect": so many refused messages in a row, of which Slack tells no number.
const REFUSED_COUNT = 5
const TOO_FAST = { code: -1, msg: 'slow down, too many messages...' }

/**
 * One RTM connection of a bot: answers its pings (echoing their scalars), posts its messages, passes its typing on and
 * tells it of the presence it asked for. Unknown types and frames that are no JSON object are ignored, as Slack does.
 * Source: docs.slack.dev, legacy RTM API.
 */
export class RtmSocket implements SlackSocket {
  readonly transport = 'rtm'
  readonly bot: SlackBot
  readonly #parts: RtmSocketParts
  readonly #socket: PlatformSocket
  readonly #life: RtmLife
  readonly #writes: TokenBucket | undefined
  #refusedCount = 0
  #watched: ReadonlySet<string> = new Set()
  #lastReply: string | undefined

  constructor(bot: SlackBot, parts: RtmSocketParts) {
    const { clock, limits, socket, activeMs } = parts
    const { rtmWrites } = limits
    this.bot = bot
    this.#parts = parts
    this.#socket = socket
    this.#life = new RtmLife({ clock, limits, socket, activeMs })
    this.#writes = rtmWrites === 'off' ? undefined : new TokenBucket(clock, rtmWrites, rtmWrites.burst)
    socket.onFrame((text) => this.#read(text))
  }

  get number(): number {
    return this.#socket.number
  }

  get platformSocket(): PlatformSocket {
    return this.#socket
  }

  get open(): boolean {
    return this.#socket.open
  }

  get frozen(): boolean {
    return this.#socket.frozen
  }

  /** What is repeated to the bot's next socket: the last message that it sent on this one. */
  get lastReply(): string | undefined {
    return this.#lastReply
  }

  /** Calls `listener` once when it has ended. */
  onEnded(listener: (code: number, by: EndedBy) => void): void {
    this.#socket.onClosed((code, by) => {
      this.#life.ended()
      listener(code, by)
    })
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** Announces the end, which comes after `closeMs`. */
  goodbye(closeMs: number): void {
    this.#life.goodbye(closeMs)
  }

  close(code: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  drop(): void {
    this.#socket.drop()
  }

  freeze(): void {
    this.#socket.freeze()
  }

  /** Somebody's presence has changed: told only where the bot has subscribed to it. */
  showPresence(user: string, presence: string): void {
    if (this.#watched.has(user)) this.#tellPresence([user], presence)
  }

  #read(text: string): void {
    const frame = parseFrame(text)
    if (!frame) return
    if (frame.type === 'ping') this.#pong(frame)
    if (frame.type === 'message') this.#message(frame)
    if (frame.type === 'typing' && typeof frame.channel === 'string')
      this.#parts.host.typing(this, frame.channel)
    if (frame.type === 'presence_sub') this.#watched = new Set(textsOf(frame.ids))
    if (frame.type === 'presence_sub' || frame.type === 'presence_query') this.#presence(textsOf(frame.ids))
  }

  #pong({ id, type: _, ...echo }: ClientFrame): void {
    this.#socket.send(JSON.stringify({ reply_to: id, type: 'pong', ...echo }))
  }

  #message({ id, channel, text, thread_ts }: ClientFrame): void {
    if (this.#writes && this.#writes.take() > 0) return this.#refuse(id)
    this.#refusedCount = 0
    const message = { channel: textOf(channel) ?? '', text: textOf(text) ?? '', threadTs: textOf(thread_ts) }
    const { ok, ...rest } = this.#parts.host.send(this, message)
    this.#socket.send(JSON.stringify({ ok, reply_to: id, ...rest }))
    if (ok) this.#lastReply = JSON.stringify({ reply_to: id, ...this.#posted(message.channel), ...rest })
  }

  /** The shape of a repeated reply is that of the message. */
  #posted(channel: string): object {
    return { type: 'message', channel, user: this.bot.userId }
  }

  #refuse(id: unknown): void {
    this.#socket.send(JSON.stringify({ ok: false, reply_to: id, error: TOO_FAST }))
    this.#refusedCount += 1
    if (this.#refusedCount >= REFUSED_COUNT) this.close(1008)
  }

  #presence(users: readonly string[]): void {
    const known = users.map((user) => ({ user, presence: this.#parts.host.presenceOf(this, user) }))
    for (const presence of ['active', 'away']) {
      const those = known.filter((of) => of.presence === presence).map(({ user }) => user)
      if (those.length > 0) this.#tellPresence(those, presence)
    }
  }

  #tellPresence(users: readonly string[], presence: string): void {
    const frames = this.#parts.batchesPresence
      ? [{ type: 'presence_change', users, presence }]
      : users.map((user) => ({ type: 'presence_change', user, presence }))
    for (const frame of frames) this.#socket.send(JSON.stringify(frame))
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function textsOf(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
}
