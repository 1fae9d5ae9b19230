import type { LinkTransport } from '../src/index.ts'

/** What travels from Slack to us on one socket, in order. `serial`: which event it carries. */
export type Parcel =
  | { readonly kind: 'frame'; readonly value: object; readonly serial?: number }
  | { readonly kind: 'close'; readonly code: number }

/** One socket as Slack sees it, from the address on. */
export interface SlackSocket {
  readonly generation: number
  readonly url: string
  /** Said hello. */
  greeted: boolean
  /** Closed by Slack, or cut: nothing more goes out. */
  over: boolean
  /** When Slack closed it. */
  closedAt: number | undefined
  /** Sent, and not yet received by us. */
  toUs: Parcel[]
  /** What was posted since the address was given; it follows hello. */
  backlog: Parcel[]
  /** Sent by us, and not yet read: a ping's id, or a close. */
  toSlack: (number | 'close')[]
}

/** Slack, as far as a link can tell: it posts events, greets, closes, and answers what it reads. */
export class SlackSide {
  readonly #transport: LinkTransport
  readonly sockets: SlackSocket[] = []
  /** When each event was posted, by its serial; those without a stamp are not counted. */
  readonly postedAt: number[] = []

  constructor(transport: LinkTransport) {
    this.#transport = transport
  }

  giveAddress(generation: number): string {
    const url = `wss://slack.example/${this.sockets.length}`
    const empty = { greeted: false, over: false, closedAt: undefined, toUs: [], backlog: [], toSlack: [] }
    this.sockets.push({ generation, url, ...empty })
    return url
  }

  /** RTM: every socket gets it. Socket Mode: one of those that serve does. */
  post(at: number): void {
    const serial = this.postedAt.push(at) - 1
    if (this.#transport === 'rtm') {
      const value = { type: 'message', channel: 'C1', text: 'x', ts: String(serial) }
      for (const socket of this.sockets) this.#put(socket, { kind: 'frame', value, serial })
      return
    }
    const serving = this.sockets.filter(({ greeted, over }) => greeted && !over)
    const value = { envelope_id: String(serial), type: 'events_api', payload: {} }
    const chosen = serving[serial % Math.max(1, serving.length)]
    if (chosen) this.#put(chosen, { kind: 'frame', value, serial })
  }

  /** Something that says nothing of an event: on every socket that serves. */
  say(value: object, socket: SlackSocket): void {
    if (socket.greeted) this.#put(socket, { kind: 'frame', value })
  }

  greet(socket: SlackSocket): void {
    if (socket.over || socket.greeted) return
    socket.greeted = true
    socket.toUs.push({ kind: 'frame', value: { type: 'hello' } }, ...socket.backlog)
  }

  /** Says no in place of hello. */
  refuse(value: object, socket: SlackSocket): void {
    socket.greeted = true
    this.say(value, socket)
  }

  /** Reads one thing that we sent. */
  read(socket: SlackSocket, now: number): void {
    const sent = socket.toSlack.shift()
    if (socket.over || sent === undefined) return
    if (sent === 'close') this.close(socket, now)
    else if (this.#transport === 'rtm') this.say({ type: 'pong', reply_to: sent }, socket)
  }

  close(socket: SlackSocket, now: number): void {
    if (socket.over) return
    socket.closedAt = now
    socket.toUs.push({ kind: 'close', code: 1000 })
    socket.over = true
  }

  /** What was on its way is lost, in both directions. */
  cut(socket: SlackSocket): void {
    socket.over = true
    socket.toUs = []
    socket.toSlack = []
  }

  #put(socket: SlackSocket, parcel: Parcel): void {
    if (socket.over) return
    if (socket.greeted) socket.toUs.push(parcel)
    else socket.backlog.push(parcel)
  }
}
