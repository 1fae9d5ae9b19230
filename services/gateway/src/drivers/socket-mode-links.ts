import { readSocketModeFrame, type SlackFrame } from '@holdfast/protocol'
import type { ConnectionStatus } from '../ports.ts'
import type { EnvelopeSocket } from './acknowledgements.ts'
import { type LinkNews, SlackLink, type SlackLinkOptions } from './slack-link.ts'

/** How many links, and what they are made with. */
export interface SocketModeLinksOptions
  extends Pick<SlackLinkOptions, 'clock' | 'openSocket' | 'askForAddress'> {
  readonly count: number
  readonly onNews: (news: LinkNews, link: number) => void
}

/** How all of them look together. */
export type Standing = Pick<ConnectionStatus, 'state' | 'why'>

/** The links of one Socket Mode connection, by number. Each keeps a socket of its own; one that serves is enough. */
export class SocketModeLinks {
  readonly #links: readonly SlackLink[]
  /** Why each link is where it is. */
  readonly #whys: string[] = []

  constructor({ count, onNews, ...options }: SocketModeLinksOptions) {
    this.#links = Array.from({ length: count }, (_, link) => {
      const onOwnNews = (news: LinkNews) => {
        if (news.kind === 'transition') this.#whys[link] = news.why
        onNews(news, link)
      }
      return new SlackLink({ ...options, transport: 'socket-mode', read: readNamedFrame, onNews: onOwnNews })
    })
  }

  start(): void {
    for (const link of this.#links) link.start()
  }

  /** As `SlackLink.stop`, of all of them. */
  stop(why: string): void {
    for (const link of this.#links) link.stop(why)
  }

  /** Resolves when nothing of any socket remains. */
  async closed(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.closed()))
  }

  /** Does nothing where the socket is not open any more. */
  send(text: string, { link, generation }: EnvelopeSocket): void {
    this.#links[link]?.send(text, generation)
  }

  /** Answers `drain`. */
  drained({ link, generation }: EnvelopeSocket): void {
    this.#links[link]?.drained(generation)
  }

  /** How many links have a socket that serves. */
  get openCount(): number {
    return this.#links.filter(({ serving }) => serving !== undefined).length
  }

  /** Sockets that Slack may send envelopes on: more than links while one takes over from another. */
  get socketCount(): number {
    return this.#links.reduce((sum, { socketCount }) => sum + socketCount, 0)
  }

  /** Connected as long as one is; `why` names what the others wait for. */
  get standing(): Standing {
    const looks = this.#links.map(({ look }) => look)
    const state = BEST_FIRST.find((candidate) => looks.includes(candidate)) ?? 'stopped'
    const { openCount } = this
    const count = this.#links.length
    if (state !== 'connected') return withWhy(state, this.#whys[looks.indexOf(state)])
    if (openCount === count) return { state }
    const whyNot = this.#whys[looks.findIndex((look) => look !== 'connected')] ?? 'it stops'
    return { state, why: `${openCount} of ${count} sockets: ${whyNot}` }
  }
}

/** What one link of several may be. `fatal` before `stopped`: where no link goes on, what a person must do is said. */
const BEST_FIRST: readonly Standing['state'][] = ['connected', 'connecting', 'waiting', 'fatal', 'stopped']

function withWhy(state: Standing['state'], why: string | undefined): Standing {
  return why === undefined ? { state } : { state, why }
}

/** Without the app's id nothing could be published under its own name: such a hello is none, and the link tries again. */
function readNamedFrame(text: string): SlackFrame {
  const frame = readSocketModeFrame(text)
  if (frame.kind !== 'hello' || frame.appId !== undefined) return frame
  return { kind: 'malformed', problem: 'a hello that names no app' }
}
