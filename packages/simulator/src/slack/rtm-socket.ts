import type { PlatformSocket } from '../socket.ts'
import { type ClientFrame, parseFrame } from './client-frame.ts'
import type { SlackBot } from './directory.ts'
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
}

/**
 * One RTM connection of a bot: answers its pings (echoing their scalars), posts its messages and passes its typing on.
 * Unknown types and frames that are no JSON object are ignored, as Slack does. Source: docs.slack.dev, legacy RTM API.
 */
export class RtmSocket implements SlackSocket {
  readonly transport = 'rtm'
  readonly bot: SlackBot
  readonly #socket: PlatformSocket
  readonly #host: RtmHost

  constructor(bot: SlackBot, socket: PlatformSocket, host: RtmHost) {
    this.bot = bot
    this.#socket = socket
    this.#host = host
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

  send(text: string): void {
    this.#socket.send(text)
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

  #read(text: string): void {
    const frame = parseFrame(text)
    if (!frame) return
    if (frame.type === 'ping') this.#pong(frame)
    if (frame.type === 'message') this.#message(frame)
    if (frame.type === 'typing' && typeof frame.channel === 'string') this.#host.typing(this, frame.channel)
  }

  #pong({ id, type: _, ...echo }: ClientFrame): void {
    this.#socket.send(JSON.stringify({ reply_to: id, type: 'pong', ...echo }))
  }

  #message({ id, channel, text, thread_ts }: ClientFrame): void {
    const { ok, ...rest } = this.#host.send(this, {
      channel: textOf(channel) ?? '',
      text: textOf(text) ?? '',
      threadTs: textOf(thread_ts),
    })
    this.#socket.send(JSON.stringify({ ok, reply_to: id, ...rest }))
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
