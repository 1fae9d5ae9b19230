import type { Clock, Timer } from '../clock.ts'
import type { ChatView } from './chat-view.ts'
import type { PageBot, PageEvents } from './feed.ts'
import type { MessageStream } from './message-stream.ts'
import type { Stage } from './stage.ts'

const PULSE_MS = 250
const PULSES_PER_KEEP_ALIVE = 60

/** What is watched. */
export interface WatchedParts {
  readonly clock: Clock
  readonly view: ChatView
  readonly stream: MessageStream
  readonly bots: () => readonly PageBot[]
  readonly stage?: Stage
}

/** Whom to tell. */
export interface WatchListener {
  tell<Name extends 'stream' | 'bots' | 'stage' | 'samples' | 'mark'>(
    name: Name,
    data: PageEvents[Name],
  ): void
  /** The bot has other commands than the pages were told. */
  tellAnew(): void
  keepAlive(): void
}

/**
 * Watches what has no entry in the record, from its making until `stop`: the stage, the sockets and the stream four times a second,
 * told when they are not what they were; the stage's samples and marks as they come.
 */
export class PageWatch {
  readonly #parts: WatchedParts
  readonly #listener: WatchListener
  readonly #unwatch: (() => void) | undefined
  #timer: Timer
  #pulseCount = 0
  #told: Readonly<Record<'stream' | 'bots' | 'stage' | 'version', string>>

  constructor(parts: WatchedParts, listener: WatchListener) {
    this.#parts = parts
    this.#listener = listener
    this.#told = this.#now()
    this.#timer = parts.clock.setTimer(PULSE_MS, () => this.#pulse())
    this.#unwatch = parts.stage?.watch((news) => {
      if (news.what === 'sample') listener.tell('samples', [news.sample])
      else listener.tell('mark', news.mark)
    })
  }

  stop(): void {
    this.#timer.clear()
    this.#unwatch?.()
  }

  #pulse(): void {
    this.#timer = this.#parts.clock.setTimer(PULSE_MS, () => this.#pulse())
    const { stream, stage, bots } = this.#parts
    const [told, now] = [this.#told, this.#now()]
    this.#told = now
    if (now.stream !== told.stream) this.#listener.tell('stream', stream.state())
    if (now.bots !== told.bots) this.#listener.tell('bots', bots())
    if (stage && now.stage !== told.stage) this.#listener.tell('stage', stage.state())
    if (now.version !== told.version) this.#listener.tellAnew()
    this.#pulseCount += 1
    if (this.#pulseCount % PULSES_PER_KEEP_ALIVE === 0) this.#listener.keepAlive()
  }

  /** Texts to compare: small, and equal exactly when nothing has changed. */
  #now() {
    const { stream, stage, bots, view } = this.#parts
    return {
      stream: JSON.stringify(stream.state()),
      bots: JSON.stringify(bots()),
      stage: JSON.stringify(stage?.state() ?? null),
      version: view.version(),
    }
  }
}
